// What must be true of an app's volumes when a story has ended, whatever happened on the way.
import type { KubeClient } from '../../src/kube/client.ts';
import { PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, VOLUME_SNAPSHOT, pathOf } from '../../src/kube/resource-type.ts';
import type { AppSnapshot } from './app-snapshot.ts';
import { REBUILT, type Story } from './fault-story.ts';

type Volumes = AppSnapshot['volumes'];

/** Whether a person said, by telling this story, that the claim may go. */
export function mayGo(story: Story, claim: string): boolean {
  if (story === 'leave') return true;
  return story === 'rebuild' && claim === `data-${REBUILT}`;
}

/** Claims of before whose volume is not where the story says that it should be, with what is wrong. */
export async function wrongVolumes(
  client: KubeClient,
  story: Story,
  namespace: string,
  before: Volumes,
  after: Volumes,
): Promise<readonly string[]> {
  const problems = await Promise.all(
    Object.entries(before).map(async ([claim, identity]) => {
      if (!mayGo(story, claim)) {
        if (after[claim] !== identity) return `was ${identity}, is ${after[claim]}`;
        return story === 'backup' ? copyProblem(client, namespace, claim) : undefined;
      }
      return story === 'leave'
        ? copyProblem(client, namespace, claim)
        : keeperProblem(client, namespace, claim, identity, after);
    }),
  );
  return Object.keys(before).flatMap((claim, index) =>
    problems[index] === undefined ? [] : `${claim}: ${problems[index]}`,
  );
}

interface Snapshot {
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: { readonly readyToUse?: boolean };
}

/** Its content is in one snapshot, which is ready. */
async function copyProblem(client: KubeClient, namespace: string, claim: string): Promise<string | undefined> {
  const path = pathOf(VOLUME_SNAPSHOT, namespace);
  const { items } = await client.request<{ items: readonly Snapshot[] }>({ method: 'GET', path });
  const copies = items.filter(({ spec }) => spec.source.persistentVolumeClaimName === claim);
  const ready = copies.filter(({ status }) => status?.readyToUse === true);
  return copies.length === 1 && ready.length === 1 ? undefined : `${copies.length} copies, ${ready.length} ready`;
}

interface Volume {
  readonly spec: {
    readonly persistentVolumeReclaimPolicy: string;
    readonly claimRef?: { readonly namespace: string; readonly name: string; readonly uid: string };
  };
  readonly status: { readonly phase: string };
}

/** The member has another volume, and a claim of its own keeps the old one, whose both ends agree. */
async function keeperProblem(
  client: KubeClient,
  namespace: string,
  claim: string,
  identity: string,
  after: Volumes,
): Promise<string | undefined> {
  const volume = volumeOf(identity);
  if ([volume, ''].includes(volumeOf(after[claim]))) return `is ${after[claim]}`;
  const [name, keeper] = Object.entries(after).find(([, one]) => volumeOf(one) === volume) ?? [];
  if (name?.startsWith(`${claim}-retired-`) !== true) return `${volume} is under ${name}`;
  const { spec, status } = await client.request<Volume>({
    method: 'GET',
    path: pathOf(PERSISTENT_VOLUME, undefined, volume),
  });
  const { status: kept } = await client.request<Pick<Volume, 'status'>>({
    method: 'GET',
    path: pathOf(PERSISTENT_VOLUME_CLAIM, namespace, name),
  });
  const { claimRef, persistentVolumeReclaimPolicy: policy } = spec;
  const isBound = status.phase === 'Bound' && kept.phase === 'Bound';
  const isItsOwn =
    `${claimRef?.namespace} ${claimRef?.name} ${claimRef?.uid} ${volume}` === `${namespace} ${name} ${keeper}`;
  return isBound && isItsOwn && policy === 'Retain' ? undefined : JSON.stringify({ claimRef, policy, status, kept });
}

/** A snapshot of an app says of a claim: its UID, and its volume's name. */
export function volumeOf(identity: string | undefined): string {
  return identity?.split(' ')[1] ?? '';
}
