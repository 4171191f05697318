// What a volume holds that a rebuilt member has left behind: Lucene's own check reads every file of every shard there.
import { OPENSEARCH_IMAGE } from '../../../test/cluster/images/opensearch-image.ts';
import type { TestCluster } from '../../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import { NAMESPACE } from '../workload.ts';

/** Starting Java, for each shard, on a busy machine. */
const TIMEOUT_SECONDS = 150;

const MOUNT = '/kept';

/** Ends with 1 where a file is damaged or missing. */
const SCRIPT = `found=0
for index in ${MOUNT}/nodes/0/indices/*/[0-9]*/index; do
  folder=\${index%/index}; found=1
  echo "shard \${folder##*/}"
  /opt/java/bin/java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/usr/share/opensearch/lib/*' org.apache.lucene.index.CheckIndex "$index" || exit 1
done
[ "$found" = 1 ]`;

/** A volume that was set aside. */
export interface KeptVolume {
  readonly claim: string;
  readonly shards: number;
  /** In the files of its shards. What was in the log of operations alone is not counted. */
  readonly documents: number;
  /** How many of those that were in these shards' files when the index was filled are not there. */
  readonly documentsMissing: number;
}

/** Throws when the volume cannot be read or Lucene finds it damaged. `filled`: documents by shard. */
export async function readKeptVolume(
  cluster: TestCluster,
  claim: string,
  filled: ReadonlyMap<string, number>,
): Promise<KeptVolume> {
  const name = `reader-of-${claim}`.slice(0, 63).replace(/-+$/, '');
  await cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input: JSON.stringify(reader(name, claim)) });
  const phaseOf = (): Promise<string> =>
    cluster.kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', 'jsonpath={.status.phase}']);
  const isOver = async (): Promise<boolean> => ['Succeeded', 'Failed'].includes(await phaseOf());
  await waitUntil(`the volume of ${claim} being read`, isOver, {
    timeoutSeconds: TIMEOUT_SECONDS,
    everyMilliseconds: 1000,
  });
  const said = await cluster.kubectl(['logs', name, '-n', NAMESPACE]);
  if ((await phaseOf()) !== 'Succeeded')
    throw new Error(`the volume of ${claim} is damaged: ${said.trim().split('\n').slice(-5).join(' / ')}`);
  const documents = documentsByShard(said);
  const missing = [...documents].map(([shard, count]) => Math.max(0, (filled.get(shard) ?? 0) - count));
  return { claim, shards: documents.size, documents: sum([...documents.values()]), documentsMissing: sum(missing) };
}

/** Of what the check prints: `shard 1`, and then for each segment `1 of 3: name=_0 maxDoc=1234`. Nothing is ever removed from the index. */
function documentsByShard(text: string): ReadonlyMap<string, number> {
  const parts = text.split(/^shard (\d+)$/m).slice(1);
  const shards = new Map<string, number>();
  for (let at = 0; at < parts.length; at += 2) {
    const segments = [...(parts[at + 1] ?? '').matchAll(/\bmaxDoc=(\d+)/g)].map(([, count]) => Number(count));
    shards.set(parts[at] ?? '', sum(segments));
  }
  return shards;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function reader(name: string, claimName: string): object {
  const container = {
    name: 'reader',
    image: OPENSEARCH_IMAGE,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', SCRIPT],
    volumeMounts: [{ name: 'old', mountPath: MOUNT }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' },
      containers: [container],
      volumes: [{ name: 'old', persistentVolumeClaim: { claimName } }],
    },
  };
}
