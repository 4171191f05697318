import type { Reason } from '../../api/reasons.ts';
import type { Demand, MemberDemand, VolumeDemand } from '../allocator/demand.ts';
import type { VolumeFacts } from '../facts/storage-facts.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { Takes } from '../view/scratch.ts';
import { claimKey } from '../view/storage-facts-index.ts';
import { withPod } from '../facts/held-slot.ts';

/** A volume of a member, and what is known of it already. */
export interface NeededVolume {
  readonly demand: VolumeDemand;
  readonly claim: string;
  readonly storageClassName: string;
  /** The PersistentVolume that it is bound to. */
  readonly bound: VolumeFacts | undefined;
  /** Where the volume is being made; empty: nowhere yet. */
  readonly madeOn: string;
}

/** A member's demand with everything looked up that does not depend on the node. */
export interface MemberNeed extends Takes {
  readonly demand: MemberDemand;
  readonly volumes: readonly NeededVolume[];
  /** By storage class of the new volumes: the largest. */
  readonly largestBytes: ReadonlyMap<string, number>;
  /** What makes it impossible on every node. */
  readonly impossible: readonly { readonly reason: Reason; readonly message: string }[];
  /** It has no slot, pod or claim yet, so any other member of this shape fits where it does. */
  readonly isFresh: boolean;
  /** Equal for members that fit in exactly the same places. */
  readonly shape: string;
}

/** Looks up the member's volumes. Units as in Resources. */
export function memberNeed(view: ClusterView, { app }: Demand, demand: MemberDemand): MemberNeed {
  const id = { appUid: app.uid, member: demand.member };
  if (demand.volumes.length === 0) return needWithoutVolumes(view, id, demand);
  const volumes = demand.volumes.map((volume) => neededVolume(view, app.namespace, volume));
  const toMake = volumes.filter(({ bound, madeOn }) => bound === undefined && madeOn === '');
  const amount = view.nodeTable.columns.amount(withPod(demand.requests));
  return {
    id,
    demand,
    volumes,
    amount,
    newBytes: byClass(toMake, (sum, bytes) => sum + bytes),
    largestBytes: byClass(toMake, Math.max),
    attaches: byDriver(view, volumes),
    claims: toMake.map(({ claim }) => claim),
    impossible: volumes.flatMap((volume) => problemsOf(view, volume)),
    isFresh: view.members.charges(id).size === 0 && volumes.every(({ claim }) => !view.storage.facts.claim(claim)),
    shape: shapeOf(amount, volumes),
  };
}

function needWithoutVolumes(view: ClusterView, id: MemberNeed['id'], demand: MemberDemand): MemberNeed {
  const amount = view.nodeTable.columns.amount(withPod(demand.requests));
  const isFresh = view.members.charges(id).size === 0;
  return { ...NO_VOLUMES, id, demand, amount, isFresh, shape: shapeOf(amount, []) };
}

const NO_VOLUMES = {
  volumes: [],
  newBytes: new Map<string, number>(),
  largestBytes: new Map<string, number>(),
  attaches: new Map<string, readonly string[]>(),
  claims: [],
  impossible: [],
} as const;

function neededVolume(view: ClusterView, namespace: string, demand: VolumeDemand): NeededVolume {
  const claim = claimKey(namespace, demand.claim);
  const facts = view.storage.facts.claim(claim);
  const bound = view.storage.facts.volumeOfClaim(claim);
  return {
    demand,
    claim,
    storageClassName: facts?.storageClassName ?? view.storage.facts.classOf(demand),
    bound,
    madeOn: bound === undefined ? (facts?.selectedNode ?? '') : '',
  };
}

function problemsOf(view: ClusterView, volume: NeededVolume): MemberNeed['impossible'] {
  const { demand, claim, storageClassName, bound } = volume;
  const facts = view.storage.facts.claim(claim);
  if (bound !== undefined) return [];
  if (facts !== undefined && (facts.phase === 'Lost' || facts.volumeName !== '')) {
    const message = `claim ${claim} is bound to volume ${facts.volumeName}, which is gone`;
    return [{ reason: 'VolumePinnedElsewhere', message }];
  }
  if (storageClassName === '' && demand.pool !== '') {
    return [
      { reason: 'PoolNotFound', message: `claim ${claim} wants pool ${demand.pool}, which has no storage class` },
    ];
  }
  if (storageClassName !== '' && !view.storage.facts.classes.has(storageClassName)) {
    const message = `claim ${claim} wants storage class ${storageClassName}, which does not exist`;
    return [{ reason: 'StorageClassNotFound', message }];
  }
  return [];
}

function byClass(
  volumes: readonly NeededVolume[],
  combine: (sum: number, bytes: number) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { storageClassName, demand } of volumes) {
    if (storageClassName === '') continue;
    sums.set(storageClassName, combine(sums.get(storageClassName) ?? 0, demand.bytes));
  }
  return sums;
}

function byDriver(view: ClusterView, volumes: readonly NeededVolume[]): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, string[]>();
  for (const { claim, storageClassName } of volumes) {
    const driver = view.storage.facts.driverOf(claim, storageClassName);
    if (driver === undefined) continue;
    const known = claims.get(driver) ?? [];
    claims.set(driver, known);
    if (!known.includes(claim)) known.push(claim);
  }
  return claims;
}

function shapeOf(amount: Takes['amount'], volumes: readonly NeededVolume[]): string {
  if (volumes.length === 0) return shapeOfAmount(amount);
  const pieces = volumes.map(({ demand, storageClassName, bound, madeOn }) =>
    [storageClassName, demand.bytes, JSON.stringify(bound?.nodeTerms ?? ''), bound?.driver ?? '', madeOn].join('|'),
  );
  return `${shapeOfAmount(amount)}${pieces.join(';')}`;
}

/** Equal amounts are one object for as long as they are in use (Columns.amount). */
const SHAPES = new WeakMap<Takes['amount'], string>();

function shapeOfAmount(amount: Takes['amount']): string {
  const known = SHAPES.get(amount) ?? `${amount.columns.join()}=${amount.values.join()};`;
  SHAPES.set(amount, known);
  return known;
}
