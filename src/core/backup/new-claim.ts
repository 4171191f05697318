import type { VolumeClaim } from '../../api/volume-claim.ts';

/** A claim that is to be made: of which volume, for which member, and how large. */
export interface NewClaim {
  readonly volume: VolumeClaim;
  readonly ordinal: number;
  readonly app: string;
  readonly bytes: number;
}
