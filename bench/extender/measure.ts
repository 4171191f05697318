import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { figure, percentile, type BenchResult } from '../figure.ts';
import { CHANGES_PER_SECOND } from './changes.ts';
import {
  NODES,
  ORDERS,
  SCENES,
  allNodeNames,
  nodeName,
  rawPod,
  type Scene,
  type SceneName,
} from './synthetic-world.ts';

/** Requests before anything counts, so that the compiler has seen the code. */
const WARM_UP = 300;
const SAMPLES = 1000;
/** Echo and extender take turns in blocks, so that whatever else the machine does hits both. */
const BLOCK = 50;

interface Case {
  readonly verb: 'filter' | 'prioritize';
  readonly scene: SceneName;
  readonly who: string;
  /** The pod of the n-th request. */
  readonly pod: (n: number) => object;
  readonly expect: (answer: string) => boolean;
}

const MEMBER = { who: 'member with a slot', pod: (n: number) => rawPod(n % 500, 0) };
const WAITING = { who: 'member without a slot', pod: (n: number) => rawPod(900 + (n % 100), 1) };
const OTHER = { who: 'other pod', pod: (n: number) => rawPod(undefined, n) };
/** A pod that nobody asked about before would take room from the next one. */
const AGAIN = { who: 'other pod', pod: (n: number) => rawPod(undefined, n % 50) };
const ONE_NODE = (answer: string): boolean => answer.includes('"NodeNames":["') && answer.length < 300;
const HUNDRED_NODES = (answer: string): boolean => answer.includes('"NodeNames":["') && answer.length > 4000;

const CASES: readonly Case[] = [
  { verb: 'filter', scene: 'ordinary', ...MEMBER, expect: ONE_NODE },
  { verb: 'filter', scene: 'ordinary', ...WAITING, expect: (answer) => answer.includes('has no slot') },
  { verb: 'filter', scene: 'ordinary', ...OTHER, expect: HUNDRED_NODES },
  { verb: 'filter', scene: 'full ledgers', ...MEMBER, expect: ONE_NODE },
  { verb: 'filter', scene: 'full ledgers', ...AGAIN, expect: HUNDRED_NODES },
  { verb: 'prioritize', scene: 'ordinary', ...MEMBER, expect: (answer) => answer.includes('"Score":10') },
  { verb: 'prioritize', scene: 'ordinary', ...OTHER, expect: (answer) => answer.includes('"Score":1') },
  { verb: 'prioritize', scene: 'full ledgers', ...MEMBER, expect: (answer) => answer.includes('"Score":10') },
  // Room is held everywhere: nothing to prefer.
  { verb: 'prioritize', scene: 'full ledgers', ...OTHER, expect: (answer) => answer === '[]' },
];

interface Measured extends Case {
  readonly p50: number;
  readonly p99: number;
  readonly echoP50: number;
  readonly echoP99: number;
  readonly requestKilobytes: number;
  readonly answerKilobytes: number;
}

interface Ports {
  readonly extenderPort: number;
  readonly echoPort: number;
}

/** Latency of filter and prioritize at 5,000 names, over loopback with one keep-alive connection, as kube-scheduler's serial cycle asks. */
export async function benchExtender(): Promise<BenchResult> {
  const measured: Measured[] = [];
  for (const scene of Object.keys(SCENES)) {
    const server = new Worker(new URL('./server.ts', import.meta.url), { workerData: scene });
    const echo = new Worker(new URL('./echo.ts', import.meta.url));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const [[extenderPort], [echoPort]] = (await Promise.all([once(server, 'message'), once(echo, 'message')])) as [
        [number],
        [number],
      ];
      const ports = { extenderPort, echoPort };
      for (const each of CASES) if (each.scene === scene) measured.push(await measure(each, ports, agent));
    } finally {
      agent.destroy();
      await Promise.all([server.terminate(), echo.terminate()]);
    }
  }
  return report(measured);
}

async function measure(each: Case, ports: Ports, agent: Agent): Promise<Measured> {
  const lists = Array.from({ length: ORDERS }, (_none, order) =>
    Buffer.from(`${JSON.stringify(allNodeNames(order))}}`),
  );
  const bodyOf = (n: number): Body => [
    Buffer.from(`{"Pod":${JSON.stringify(each.pod(n))},"Nodes":null,"NodeNames":`),
    lists[n % ORDERS] ?? Buffer.alloc(0),
  ];
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
    requestKilobytes: bytesOf(bodyOf(0)) / 1000,
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
    columns: ['verb', 'pod', 'scene', 'p50 ms', 'p99 ms', 'echo p50', 'echo p99', 'request kB', 'answer kB'],
    rows: measured.map((one) => [
      one.verb,
      one.who,
      one.scene,
      ...[one.p50, one.p99, one.echoP50, one.echoP99].map((ms) => ms.toFixed(2)),
      one.requestKilobytes.toFixed(0),
      one.answerKilobytes.toFixed(1),
    ]),
    notes: [
      `${NODES} node names such as ${nodeName(0)}, in ${ORDERS} orders, the world changing ${CHANGES_PER_SECOND} nodes a second; ${SAMPLES} requests each after ${WARM_UP} to warm up.`,
      `Ordinary: ${sceneText(SCENES.ordinary)}. Full ledgers: ${sceneText(SCENES['full ledgers'])}.`,
      'Each figure is the slowest row of its verb. Echo: a bare Node.js server that reads the same request and answers as many bytes.',
    ],
  };
}

function sceneText({ apps, waitingApps, members, heldEvery, promisedMembers, promisedOthers }: Scene): string {
  const held = heldEvery === 1 ? 'every node' : `every ${heldEvery}nd node`;
  return `${apps} apps, ${(apps - waitingApps) * members} slots, room held on ${held}, ${promisedMembers + promisedOthers} pods let through and not seen bound`;
}

/** The pod, and the names. */
type Body = readonly [Buffer, Buffer];

function bytesOf([pod, names]: Body): number {
  return pod.length + names.length;
}

interface Post {
  readonly port: number;
  readonly path: string;
  readonly body: Body;
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
      'content-length': bytesOf(body),
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
    sent.write(body[0]);
    sent.end(body[1]);
  });
}
