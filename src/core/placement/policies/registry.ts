import type { WeightedPolicy } from '../../allocator/demand.ts';
import { gpuShy } from './gpu-shy.ts';
import { headroom } from './headroom.ts';
import { locality } from './locality.ts';
import { pack } from './pack.ts';
import type { Policy } from './policy.ts';
import { spread } from './spread.ts';
import { stickiness } from './stickiness.ts';

/** Every placement policy. A new name in the union does not compile until it stands here. */
const POLICIES: Readonly<Record<WeightedPolicy['name'], Policy>> = {
  spread,
  pack,
  headroom,
  locality,
  stickiness,
  'gpu-shy': gpuShy,
};

export interface WeightedScore {
  readonly policy: Policy;
  readonly weight: number;
}

/** The policies by weight; without any, members are spread. */
export function weightedScores(policies: readonly WeightedPolicy[]): readonly WeightedScore[] {
  const used = policies.filter(({ weight }) => weight > 0);
  if (used.length === 0) return [{ policy: spread, weight: 1 }];
  return used.map(({ name, weight }) => ({ policy: POLICIES[name], weight }));
}
