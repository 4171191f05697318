// A member that appends numbered records to its volume, each fsynced and then told to whoever listens outside of the cluster.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A line of the file: which record, and the node of the pod that wrote it. */
export interface WrittenRecord {
  readonly number: number;
  readonly node: string;
}

/** A record that was told after it was on disk. */
export interface AcknowledgedRecord extends WrittenRecord {
  /** The pod's name, which a member keeps wherever it runs. */
  readonly member: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Recorder {
  readonly acknowledged: readonly AcknowledgedRecord[];
  /** What the member runs. */
  readonly script: string;
  stop(): Promise<void>;
}

/** Listens on an address of this machine that pods can reach. */
export async function startRecorder(address: string): Promise<Recorder> {
  const acknowledged: AcknowledgedRecord[] = [];
  const server = createServer((socket) => {
    // A node that is cut off never says goodbye.
    socket.setTimeout(2000, () => socket.destroy()).on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', (line) => {
      const [number = '', node = '', member = ''] = line.split(' ');
      acknowledged.push({ number: Number(number), node, member, at: Date.now() });
      socket.end();
    });
  }).listen(0, address);
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the recorder has no port');
  return {
    acknowledged,
    script: writingTo(`${address} ${at.port}`),
    async stop() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Goes on where the file ends, and gives up at the first error of the disk. A connection that is cut while it is open must not hold it up. */
function writingTo(listener: string): string {
  return [
    'n=0; [ -s /data/log ] && last=$(tail -n1 /data/log) && n=${last%% *}',
    'while :; do',
    '  n=$((n+1))',
    '  { echo "$n $PROFFER_NODE" >> /data/log && sync /data/log; } || { echo "record $n could not be written"; exit 1; }',
    `  echo "$n $PROFFER_NODE $HOSTNAME" | busybox timeout 2 busybox nc -w 1 ${listener} || echo "record $n could not be told"`,
    '  sleep 0.2',
    'done',
  ].join('\n');
}

/** The lines of the file. */
export function readRecords(text: string): readonly WrittenRecord[] {
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [number = '', node = ''] = line.split(' ');
      return { number: Number(number), node };
    });
}
