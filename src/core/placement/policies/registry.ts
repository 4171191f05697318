import type { WeightedPolicy } from '../../allocator/demand.ts';
import type { MemberNeed } from '../member-need.ts';
import type { Surroundings } from '../surroundings.ts';
import { gpuShy } from './gpu-shy.ts';
import { headroom } from './headroom.ts';
import { locality } from './locality.ts';
import { pack } from './pack.ts';
import type { Liking, Policy } from './policy.ts';
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

export interface Weighted {
  readonly policy: Policy;
  readonly weight: number;
}

/** The policies by weight; without any, members are spread. */
export function weightedPolicies(policies: readonly WeightedPolicy[]): readonly Weighted[] {
  const used = policies.filter(({ weight }) => weight > 0);
  if (used.length === 0) return [{ policy: spread, weight: 1 }];
  return used.map(({ name, weight }) => ({ policy: POLICIES[name], weight }));
}

/** The weighted sum; its divisor would be the same for all nodes. */
export function together(weighted: readonly Weighted[], surroundings: Surroundings, need: MemberNeed): Liking {
  const [only] = weighted;
  if (weighted.length === 0) return indifferent;
  if (only !== undefined && weighted.length === 1) {
    const like = only.policy.against(surroundings, need);
    return only.weight === 1 ? like : (row) => only.weight * like(row);
  }
  const likings = weighted.map(({ policy, weight }) => ({ weight, like: policy.against(surroundings, need) }));
  return (row) => {
    let sum = 0;
    for (const { like, weight } of likings) sum += weight * like(row);
    return sum;
  };
}

const indifferent: Liking = () => 0;
