import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { VOLUMES, type Layout } from './layout.ts';
import { MEMBERS_NAMESPACE } from './manifests.ts';
import type { Witness } from './witness.ts';

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string };
}
interface Claim {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly volumeName?: string };
}
interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly claimRef?: { readonly uid?: string }; readonly csi?: { readonly volumeHandle: string } };
}
interface Event {
  readonly reason: string;
  readonly message?: string;
  readonly involvedObject: { readonly namespace?: string; readonly name: string };
}

/** What is wrong at the end, from the API server and the array's own books: one sentence each. */
export async function finalProblems(
  cluster: TestCluster,
  layout: Layout,
  witness: Witness,
): Promise<readonly string[]> {
  return [...(await wrongPlaces(cluster, layout, witness)), ...(await wrongVolumes(cluster, layout))];
}

async function wrongPlaces(
  cluster: TestCluster,
  { members, surplus }: Layout,
  { slots }: Witness,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const pods = await items<Pod>(cluster, ['pods', '-n', MEMBERS_NAMESPACE]);
  const running = pods.filter(({ spec }) => (spec.nodeName ?? '') !== '');
  if (running.length !== members) problems.push(`${running.length} members have a node, and ${members} should`);
  for (const { metadata, spec } of running) {
    const slot = slots.get(metadata.name);
    if (slot !== spec.nodeName)
      problems.push(`${metadata.name} is on ${spec.nodeName ?? ''}, its slot on ${slot ?? 'no node'}`);
  }
  if ([...slots.keys()].some((name) => name.startsWith('surplus-')))
    problems.push(`an app of ${surplus} members has slots, and there was room for ${surplus - 1}`);
  return problems;
}

const isSurplus = ({ metadata }: Claim): boolean => metadata.name.includes('-surplus-');
const isMade = ({ spec }: Claim): boolean => (spec.volumeName ?? '') !== '';

async function wrongVolumes(cluster: TestCluster, { members }: Layout): Promise<readonly string[]> {
  const problems: string[] = [];
  const all = await items<Claim>(cluster, ['pvc', '-n', MEMBERS_NAMESPACE]);
  if (all.some((claim) => isSurplus(claim) && isMade(claim)))
    problems.push('a volume was made for an app without slots');
  const claims = all.filter((claim) => !isSurplus(claim));
  const volumes = new Map((await items<Volume>(cluster, ['pv'])).map((volume) => [volume.metadata.name, volume]));
  const made = new Set((await cluster.array?.volumes())?.map(({ id }) => id));
  problems.push(...claims.flatMap((claim) => withoutVolume(claim, volumes.get(claim.spec.volumeName ?? ''), made)));
  if (claims.length !== members * VOLUMES.length)
    problems.push(`${claims.length} claims, and ${members * VOLUMES.length} are wanted`);
  if (made.size > 0) problems.push(`the array made ${made.size} volumes that nobody claims`);
  return problems;
}

/** Takes the claim's volume from those that the array `made`; says why there is none. */
function withoutVolume({ metadata }: Claim, volume: Volume | undefined, made: Set<string>): readonly string[] {
  if (volume?.spec.claimRef?.uid !== metadata.uid) return [`claim ${metadata.name} has no volume of its own`];
  const isThere = made.delete(volume.spec.csi?.volumeHandle ?? '');
  return isThere ? [] : [`the array has no volume for ${metadata.name}`];
}

/** What the provisioner said of volumes that could not be made: one sentence each. */
export async function refusals(cluster: TestCluster, namespace: string): Promise<readonly string[]> {
  const events = await items<Event>(cluster, ['events', '-n', namespace, '--field-selector=reason=ProvisioningFailed']);
  return events.map(({ involvedObject, message = '' }) => `${involvedObject.name}: ${message}`);
}

async function items<T>(cluster: TestCluster, what: readonly string[]): Promise<readonly T[]> {
  const text = await cluster.kubectl(['get', ...what, '-o', 'json'], { timeoutSeconds: 120 });
  return (JSON.parse(text) as { readonly items: readonly T[] }).items;
}
