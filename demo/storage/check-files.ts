import { POSTGRES_IMAGE } from '../../test/cluster/images/postgres-image.ts';
import { waitUntil } from '../../test/cluster/wait-until.ts';
import { DATA_FOLDER } from './postgres-manifests.ts';
import { type Claim, NAMESPACE, type Stage } from './postgres.ts';
import { sum } from './scene.ts';
import { apply } from './start-members.ts';

const UID = 999;

/**
 * How many pages on these volumes have a wrong checksum, by PostgreSQL's own program, which wants the server stopped, and stopped well. Each
 * volume is read by a pod that does nothing else and is gone afterwards.
 */
export async function badChecksums(stage: Stage, claims: readonly Claim[]): Promise<number> {
  const names = claims.map(({ member }) => `checks-${member}`);
  await apply(stage, ...claims.map(checker));
  try {
    return sum(await Promise.all(names.map((name) => readResult(stage, name))));
  } finally {
    await stage.cluster.kubectl(['delete', 'pod', ...names, '-n', NAMESPACE], { timeoutSeconds: 150 });
  }
}

async function readResult({ cluster }: Stage, name: string): Promise<number> {
  const ended = async (): Promise<boolean> => {
    const pod = JSON.parse(await cluster.kubectl(['get', 'pod', name, '-n', NAMESPACE, '-o', 'json'])) as {
      readonly status: { readonly phase: string };
    };
    return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  };
  await waitUntil(`the end of pg_checksums in ${name}`, ended, { timeoutSeconds: 180, everyMilliseconds: 500 });
  const said = await cluster.kubectl(['logs', name, '-n', NAMESPACE]);
  const bad = /^Bad checksums:\s+(\d+)$/m.exec(said)?.[1];
  if (bad === undefined) throw new Error(`pg_checksums in ${name} counted nothing: ${said.trim()}`);
  return Number(bad);
}

function checker({ member, name }: Claim): object {
  const container = {
    name: 'checks',
    image: POSTGRES_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['pg_checksums', '--check', '--pgdata', `${DATA_FOLDER}/pgdata`],
    volumeMounts: [{ name: 'data', mountPath: DATA_FOLDER }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `checks-${member}` },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsUser: UID, runAsGroup: UID, fsGroup: UID, fsGroupChangePolicy: 'OnRootMismatch' },
      containers: [container],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  };
}
