import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { figure, percentile, type BenchResult } from '../figure.ts';
import { NODES, allNodeNames, nodeName, rawPod } from './synthetic-world.ts';

/** Requests before anything counts, so that the compiler has seen the code. */
const WARM_UP = 300;
const SAMPLES = 1000;
/** Echo and extender take turns in blocks, so that whatever else the machine does hits both. */
const BLOCK = 50;

interface Case {
  readonly verb: 'filter' | 'prioritize';
  readonly who: string;
  /** The pod of the n-th request. */
  readonly pod: (n: number) => object;
  /** The slot's node among the candidates: every member of app n has its own. */
  readonly expect: (answer: string) => boolean;
}

// Apps 0 … 899 have slots, the last hundred wait for one (synthetic-world.ts).
const CASES: readonly Case[] = [
  {
    verb: 'filter',
    who: 'member with a slot',
    pod: (n) => rawPod(n % 900, 1),
    expect: (answer) => answer.includes('"NodeNames":["') && answer.length < 300,
  },
  {
    verb: 'filter',
    who: 'member without a slot',
    pod: (n) => rawPod(900 + (n % 100), 1),
    expect: (answer) => answer.includes('has no slot'),
  },
  { verb: 'filter', who: 'other pod', pod: (n) => rawPod(undefined, n), expect: (answer) => answer.length > 4000 },
  {
    verb: 'prioritize',
    who: 'member with a slot',
    pod: (n) => rawPod(n % 900, 1),
    expect: (answer) => answer.includes('"Score":10'),
  },
  {
    verb: 'prioritize',
    who: 'other pod',
    pod: (n) => rawPod(undefined, n),
    expect: (answer) => answer.includes('"Score":1'),
  },
];

interface Measured extends Case {
  readonly p50: number;
  readonly p99: number;
  readonly echoP50: number;
  readonly echoP99: number;
  readonly requestKilobytes: number;
  readonly answerKilobytes: number;
}

/** Latency of filter and prioritize at 5,000 names, over loopback with one keep-alive connection, as kube-scheduler's serial cycle asks. */
export async function benchExtender(): Promise<BenchResult> {
  const server = new Worker(new URL('./server.ts', import.meta.url));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const [ports] = (await once(server, 'message')) as [{ readonly extenderPort: number; readonly echoPort: number }];
    const measured: Measured[] = [];
    for (const each of CASES) measured.push(await measure(each, ports, agent));
    return report(measured);
  } finally {
    agent.destroy();
    await server.terminate();
  }
}

async function measure(
  each: Case,
  ports: { readonly extenderPort: number; readonly echoPort: number },
  agent: Agent,
): Promise<Measured> {
  const names = JSON.stringify(allNodeNames());
  const bodyOf = (n: number): Buffer =>
    Buffer.from(`{"Pod":${JSON.stringify(each.pod(n))},"Nodes":null,"NodeNames":${names}}`);
  const ask = (n: number) =>
    post({ port: ports.extenderPort, path: `/${each.verb}`, body: bodyOf(n), agent, answerBytes: 0 });
  const first = await ask(0);
  if (!each.expect(first.text)) throw new Error(`${each.verb} for a ${each.who} answered ${first.text.slice(0, 300)}`);
  const answerBytes = first.text.length;
  const echo = (n: number) => post({ port: ports.echoPort, path: '/', body: bodyOf(n), agent, answerBytes });
  const own: number[] = [];
  const plain: number[] = [];
  for (let n = -WARM_UP; n < SAMPLES; n += BLOCK) {
    for (const [samples, call] of [
      [own, ask],
      [plain, echo],
    ] as const) {
      for (let k = n; k < n + BLOCK; k += 1) {
        const { milliseconds } = await call(k + WARM_UP);
        if (n >= 0) samples.push(milliseconds);
      }
    }
  }
  own.sort((a, b) => a - b);
  plain.sort((a, b) => a - b);
  return {
    ...each,
    p50: percentile(own, 0.5),
    p99: percentile(own, 0.99),
    echoP50: percentile(plain, 0.5),
    echoP99: percentile(plain, 0.99),
    requestKilobytes: bodyOf(0).length / 1000,
    answerKilobytes: answerBytes / 1000,
  };
}

function report(measured: readonly Measured[]): BenchResult {
  const worst = (verb: Case['verb'], pick: (one: Measured) => number, base: (one: Measured) => number) => {
    const slowest = measured.filter((one) => one.verb === verb).reduce((a, b) => (pick(b) > pick(a) ? b : a));
    return [pick(slowest), base(slowest)] as const;
  };
  const figures = (['filter', 'prioritize'] as const).flatMap((verb) => {
    const [p50, base50] = worst(
      verb,
      (one) => one.p50,
      (one) => one.echoP50,
    );
    const [p99, base99] = worst(
      verb,
      (one) => one.p99,
      (one) => one.echoP99,
    );
    return [
      figure('extender', `${verb}_p50_ms`, p50, 'ms', base50),
      figure('extender', `${verb}_p99_ms`, p99, 'ms', base99),
    ];
  });
  return {
    figures,
    columns: ['verb', 'pod', 'p50 ms', 'p99 ms', 'echo p50', 'echo p99', 'request kB', 'answer kB'],
    rows: measured.map((one) => [
      one.verb,
      one.who,
      ...[one.p50, one.p99, one.echoP50, one.echoP99].map((ms) => ms.toFixed(2)),
      one.requestKilobytes.toFixed(0),
      one.answerKilobytes.toFixed(1),
    ]),
    notes: [
      `${NODES} node names such as ${nodeName(0)}, 2,700 slots, the world changing 250 nodes a second; ${SAMPLES} requests each after ${WARM_UP} to warm up.`,
      'Each figure is the slowest row of its verb. Echo: a bare Node.js server that reads the same request and answers as many bytes.',
    ],
  };
}

interface Post {
  readonly port: number;
  readonly path: string;
  readonly body: Buffer;
  readonly agent: Agent;
  readonly answerBytes: number;
}

/** From the first byte sent to the last byte read. */
function post({
  port,
  path,
  body,
  agent,
  answerBytes,
}: Post): Promise<{ readonly text: string; readonly milliseconds: number }> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      'x-answer-bytes': answerBytes,
    };
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', agent, headers, timeout: 5000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const milliseconds = performance.now() - started;
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve({ text, milliseconds });
          else reject(new Error(`${path} answered ${response.statusCode}: ${text}`));
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${path} did not answer in 5 s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
