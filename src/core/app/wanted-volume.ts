import { ANNOTATION_GROWN, ANNOTATION_RETIRED } from '../../api/labels.ts';
import type { VolumeClaim } from '../../api/volume-claim.ts';
import type { Reason } from '../../api/reasons.ts';
import { parseBytes } from '../resources/quantity.ts';
import { ordinalOfClaim } from './claim-name.ts';
import type { AppFacts } from './facts.ts';

/** What a volume's class and size follow from. */
type VolumeFacts = Pick<AppFacts, 'app' | 'claims' | 'pools' | 'storageClasses'>;

/** A volume of the app with what its pool says. */
export interface WantedVolume {
  readonly claim: VolumeClaim;
  /** What the app asks for. */
  readonly bytes: number;
  /** What a new claim asks for: as much as the largest one that has grown by itself, since a new member is to hold the same data. */
  readonly newBytes: number;
  /** Empty when `problem` says why there is none. */
  readonly storageClassName: string;
  readonly problem: { readonly reason: Reason; readonly message: string } | undefined;
}

/** The app's volumes, each with the StorageClass that it comes from, or why there is none. */
export function wantedVolumes(facts: VolumeFacts): readonly WantedVolume[] {
  return facts.app.spec.volumeClaims.map((claim) => wantedVolume(claim, facts));
}

function wantedVolume(claim: VolumeClaim, facts: VolumeFacts): WantedVolume {
  const bytes = bytesOf(claim);
  const newBytes = Math.max(bytes, ...grownSizes(claim, facts));
  const volume = { claim, bytes, newBytes, storageClassName: '', problem: undefined };
  const className = classNameOf(claim, facts);
  if (className === undefined) {
    return { ...volume, problem: { reason: 'PoolNotFound', message: poolGone(claim, facts) } };
  }
  if (!facts.storageClasses.has(className)) {
    const via = claim.pool === undefined ? '' : ` through StoragePool "${claim.pool}"`;
    const name =
      className === '' ? 'a StorageClass that is not made yet' : `StorageClass "${className}", which does not exist`;
    const message = `volume ${claim.name} asks${via} for ${name}: create it, or name another one of ${namesOf(facts.storageClasses)}`;
    return { ...volume, problem: { reason: 'StorageClassNotFound', message } };
  }
  return { ...volume, storageClassName: className };
}

function grownSizes({ name }: VolumeClaim, { app, claims }: VolumeFacts): readonly number[] {
  return claims
    .filter(
      ({ annotations }) => annotations[ANNOTATION_GROWN] !== undefined && annotations[ANNOTATION_RETIRED] === undefined,
    )
    .filter((claim) => (ordinalOfClaim(name, app.metadata.name, claim.name) ?? Infinity) < app.spec.replicas)
    .map(({ bytes }) => bytes);
}

/** A pool may be deleted while volumes of it are in use: they are as safe as before, but nothing new can be made. */
function poolGone({ name, pool }: VolumeClaim, { app, claims, pools }: VolumeFacts): string {
  const made = claims.filter((claim) => ordinalOfClaim(name, app.metadata.name, claim.name) !== undefined).length;
  const kept =
    made === 0 ? '' : ` (${made} ${made === 1 ? 'claim' : 'claims'} of it and the StorageClass stay as they are)`;
  return `volume ${name} asks for StoragePool "${pool}", which does not exist${kept}: create it, or name another one of ${namesOf(pools)}`;
}

/** Undefined when the pool does not exist; empty when it has no class yet. */
function classNameOf(claim: VolumeClaim, facts: VolumeFacts): string | undefined {
  if (claim.pool === undefined) return claim.storageClassName ?? '';
  const pool = facts.pools.get(claim.pool);
  if (pool === undefined) return undefined;
  return pool.spec.storageClassName ?? pool.status?.storageClassName ?? '';
}

/** The schema lets no malformed size in; 0 for one that came in by another way, so that nothing throws. */
function bytesOf(claim: VolumeClaim): number {
  try {
    return parseBytes(claim.size);
  } catch {
    return 0;
  }
}

function namesOf(map: ReadonlyMap<string, unknown>): string {
  const names = [...map.keys()].toSorted();
  if (names.length === 0) return '(there is none)';
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
