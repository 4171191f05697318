import type { Framework, FrameworkStatus } from '../api/framework.ts';
import { unsupportedFrameworkFields } from '../api/feature-support.ts';
import type { Demand } from '../core/allocator/demand.ts';
import { formatResourceList } from '../core/resources/resource-list.ts';
import type { Resources } from '../core/resources/resources.ts';
import { say, supported, type Said } from './say.ts';

/** How many demands of a framework's apps were served, and how many refused. */
export interface OfferCounts {
  readonly accepted: number;
  readonly declined: number;
}

export interface FrameworkWorld {
  readonly frameworks: ReadonlyMap<string, Framework>;
  /** By name: what its own apps are charged. */
  readonly charges: ReadonlyMap<string, Resources>;
  /** What the whole cluster has. */
  readonly total: Resources;
  readonly demands: readonly Demand[];
  /** Of this framework, since ever. */
  readonly counts: OfferCounts;
}

/** The status of one framework; the charges and pending apps of those below it are its own too. `now` in epoch seconds. */
export function frameworkStatus(framework: Framework, world: FrameworkWorld, now: number): FrameworkStatus {
  const { metadata, spec, status } = framework;
  const names = subtree(metadata.name, world.frameworks);
  const charged = sum(names.map((name) => world.charges.get(name) ?? {}));
  const { accepted, declined } = world.counts;
  const said = [ready(framework, world.frameworks), supported(unsupportedFrameworkFields(framework))];
  return {
    observedGeneration: metadata.generation,
    charged: formatResourceList(charged),
    share: (dominantShare(charged, world.total) / spec.weight).toFixed(3),
    pending: world.demands.filter((demand) => names.includes(demand.framework)).length,
    offersSent: accepted + declined,
    offersAccepted: accepted,
    offersDeclined: declined,
    conditions: say(
      said.filter((item) => item !== undefined),
      status?.conditions,
      metadata.generation,
      now,
    ),
  };
}

/** The largest part of any resource of the cluster; 0 for an empty cluster. */
function dominantShare(charged: Resources, total: Resources): number {
  const shares = Object.entries(total).map(([name, amount]) =>
    amount > 0 && name !== 'pods' ? (charged[name] ?? 0) / amount : 0,
  );
  return Math.max(0, ...shares);
}

function ready({ metadata, spec }: Framework, frameworks: ReadonlyMap<string, Framework>): Said {
  if (spec.parent !== undefined && !frameworks.has(spec.parent)) {
    const message = `its parent, Framework "${spec.parent}", does not exist: create it, or make this Framework anew under another`;
    return { type: 'Ready', status: 'False', reason: 'FrameworkNotFound', message };
  }
  if (isInCircle(metadata.name, frameworks)) {
    const message = 'its parents form a circle: make one of them anew without a parent, or under another';
    return { type: 'Ready', status: 'False', reason: 'ParentsInCircle', message };
  }
  return { type: 'Ready', status: 'True', reason: 'Accepted', message: 'offers are made to its apps' };
}

function isInCircle(name: string, frameworks: ReadonlyMap<string, Framework>): boolean {
  const seen = new Set<string>();
  let at: string | undefined = name;
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    at = frameworks.get(at)?.spec.parent;
  }
  return at === name;
}

/** The framework and all below it. */
function subtree(name: string, frameworks: ReadonlyMap<string, Framework>): readonly string[] {
  const names = new Set([name]);
  for (const found of names) {
    for (const other of frameworks.values()) if (other.spec.parent === found) names.add(other.metadata.name);
  }
  return [...names];
}

export function sum(list: readonly Resources[]): Resources {
  const total: Record<string, number> = {};
  for (const resources of list) {
    for (const [name, amount] of Object.entries(resources)) total[name] = (total[name] ?? 0) + amount;
  }
  return total;
}
