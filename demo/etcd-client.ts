// Talks to etcd through its own client port (the JSON gateway of gRPC), over a port-forward that works on every cluster.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface EtcdClient {
  put(key: string, value: string): Promise<void>;
  /** The value, or undefined when there is no such key. Linearizable: the members must agree. */
  get(key: string): Promise<string | undefined>;
  close(): void;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Opens a port-forward to one member's pod. Throws when none is open within 15 s. */
export async function openEtcd(
  kubectlPath: string,
  kubeconfigPath: string,
  namespace: string,
  pod: string,
): Promise<EtcdClient> {
  const forward = spawn(
    kubectlPath,
    ['--kubeconfig', kubeconfigPath, '-n', namespace, 'port-forward', `pod/${pod}`, ':2379'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const url = await forwardedUrl(forward, pod);
  async function call(verb: string, body: object): Promise<{ kvs?: { value: string }[] }> {
    const response = await fetch(`${url}/v3/kv/${verb}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`etcd answered ${response.status} to ${verb}: ${await response.text()}`);
    return (await response.json()) as { kvs?: { value: string }[] };
  }
  return {
    async put(key, value) {
      await call('put', { key: base64(key), value: base64(value) });
    },
    async get(key) {
      const { kvs } = await call('range', { key: base64(key) });
      const value = kvs?.[0]?.value;
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
    },
    close() {
      forward.kill('SIGKILL');
    },
  };
}

async function forwardedUrl(forward: ChildProcess, pod: string): Promise<string> {
  const { stdout, stderr } = forward;
  if (stdout === null || stderr === null) throw new Error('kubectl port-forward has no output to read its port from');
  const complaints: string[] = [];
  stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const port = await Promise.race([
    (async () => {
      for await (const line of createInterface({ input: stdout })) {
        const match = /127\.0\.0\.1:(\d+)/.exec(line);
        if (match !== null) return match[1];
      }
      return undefined;
    })(),
    once(forward, 'exit').then(() => undefined),
    new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), 15_000).unref();
    }),
  ]);
  if (port === undefined) {
    forward.kill('SIGKILL');
    throw new Error(`no port-forward to ${pod} within 15 s: ${complaints.join('').trim()}`);
  }
  return `http://127.0.0.1:${port}`;
}
