// A member that gets an empty volume and fills it from its peers: what there is without external storage.
import type { TestCluster } from '../../../test/cluster/test-cluster.ts';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import type { Timeline } from '../timeline.ts';
import { NAMESPACE } from '../workload.ts';
import type { Healing, SearchCluster } from './search-cluster.ts';

interface Rebuilding {
  readonly cluster: TestCluster;
  readonly timeline: Timeline;
  readonly search: SearchCluster;
  readonly member: string;
}

const TIMEOUT_SECONDS = 150;

/** Asks Proffer for it by an AppOperation, and waits until OpenSearch is green with a claim that is another one. */
export async function rebuildMember({ cluster, timeline, search, member }: Rebuilding): Promise<Healing> {
  const claim = `data-${member}`;
  const before = await uidOf(cluster, claim);
  const since = Date.now();
  search.health.forget();
  timeline.add(
    'disaster',
    `kubectl apply: AppOperation Rebuild of ${member}: a new, empty volume; the old one is kept`,
  );
  const operation = {
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'AppOperation',
    metadata: { name: `rebuild-${member}` },
    spec: { type: 'Rebuild', app: search.name, members: [member] },
  };
  await cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input: JSON.stringify(operation) });
  let otherClaimAt: number | undefined;
  const isRebuilt = async (): Promise<boolean> => {
    const uid = await uidOf(cluster, claim);
    if (uid !== '' && uid !== before) otherClaimAt ??= Date.now();
    return otherClaimAt !== undefined && (search.health.wholeAt ?? 0) > otherClaimAt;
  };
  const bounds = { timeoutSeconds: TIMEOUT_SECONDS, everyMilliseconds: 500 };
  const done = await waitUntil(`${member} rebuilt`, isRebuilt, bounds).catch(() => false);
  const healing = await search.healing(since);
  if (!done) {
    timeline.add(
      'proffer',
      `not seen within ${TIMEOUT_SECONDS} s: ${member} on a new volume. ${await said(cluster, operation.metadata.name)}`,
    );
    return { ...healing, greenSeconds: null };
  }
  timeline.add('app', `OpenSearch is green ${healing.greenSeconds} s after ${member} was asked to begin from nothing`);
  return healing;
}

async function uidOf(cluster: TestCluster, claim: string): Promise<string> {
  return cluster.kubectl([
    'get',
    'pvc',
    claim,
    '-n',
    NAMESPACE,
    '--ignore-not-found',
    '-o',
    'jsonpath={.metadata.uid}',
  ]);
}

async function said(cluster: TestCluster, operation: string): Promise<string> {
  const path = 'jsonpath={.status.conditions[*].message}';
  return cluster.kubectl(['get', 'appoperation', operation, '-n', NAMESPACE, '-o', path]).catch(() => '');
}
