import { unsupportedFrameworkFields } from '../api/feature-support.ts';
import type { Framework, FrameworkStatus } from '../api/framework.ts';
import type { Demand } from '../core/allocator/demand.ts';
import type { FrameworkShare } from '../core/fairness/framework-shares.ts';
import type { QueuePlace } from '../core/fairness/queue-position.ts';
import type { TenantProblem } from '../core/fairness/tree-shape.ts';
import { formatResourceList } from '../core/resources/resource-list.ts';
import type { Resources } from '../core/resources/resources.ts';
import { say, supported, type Said } from './say.ts';

/** How many demands of a framework's apps were served, and how many refused. */
export interface OfferCounts {
  readonly accepted: number;
  readonly declined: number;
}

/** All that the statuses of frameworks are made of. */
export interface FrameworkWorld {
  readonly frameworks: ReadonlyMap<string, Framework>;
  /** By name; frameworks that hang on no root are not there. */
  readonly shares: ReadonlyMap<string, FrameworkShare>;
  /** By name: what the apps of one that hangs on no root are charged. */
  readonly charges: ReadonlyMap<string, Resources>;
  /** By name; `outside` are those that hang on no root. */
  readonly problems: ReadonlyMap<string, readonly TenantProblem[]>;
  readonly outside: ReadonlySet<string>;
  readonly demands: readonly Demand[];
  /** By UID of the app. */
  readonly places: ReadonlyMap<string, QueuePlace>;
}

/** The status of one framework; the charges and waiting apps of those below it are its own too. `counts` since ever, `now` in epoch seconds. */
export function frameworkStatus(
  framework: Framework,
  world: FrameworkWorld,
  counts: OfferCounts,
  now: number,
): FrameworkStatus {
  const { metadata, status } = framework;
  const { accepted, declined } = counts;
  const names = subtree(metadata.name, world.frameworks);
  const share = world.shares.get(metadata.name);
  const waiting = world.demands.filter((demand) => names.has(demand.framework));
  return {
    observedGeneration: metadata.generation,
    charged: formatResourceList(share?.charged ?? world.charges.get(metadata.name) ?? {}),
    share: share?.share.toFixed(3) ?? '',
    fairShare: share?.fairShare.toFixed(3) ?? '',
    pending: waiting.length,
    queuePosition: firstPlace(waiting, world.places),
    offersSent: accepted + declined,
    offersAccepted: accepted,
    offersDeclined: declined,
    conditions: say(saidOf(framework, world), status?.conditions, metadata.generation, now),
  };
}

function firstPlace(waiting: readonly Demand[], places: ReadonlyMap<string, QueuePlace>): number {
  const positions = waiting.flatMap(({ app }) => places.get(app.uid)?.position ?? []);
  return positions.length === 0 ? 0 : Math.min(...positions);
}

function saidOf(framework: Framework, { problems, outside }: FrameworkWorld): readonly Said[] {
  const { name } = framework.metadata;
  const told = problems.get(name) ?? [];
  const ready: Said = outside.has(name)
    ? { type: 'Ready', status: 'False', ...together(told) }
    : { type: 'Ready', status: 'True', reason: 'Accepted', message: 'offers are made to its apps' };
  // Promises that do not go together; what can be kept of them is.
  const contradiction: readonly Said[] =
    outside.has(name) || told.length === 0 ? [] : [{ type: 'Contradictory', status: 'True', ...together(told) }];
  const unsupported = supported(unsupportedFrameworkFields(framework));
  return [ready, ...contradiction, ...(unsupported === undefined ? [] : [unsupported])];
}

const MOST_CHARACTERS = 1024;

function together(problems: readonly TenantProblem[]): { readonly reason: string; readonly message: string } {
  return {
    reason: problems[0]?.reason ?? 'Unknown',
    message: problems
      .map(({ message }) => message)
      .join('; ')
      .slice(0, MOST_CHARACTERS),
  };
}

/** The framework and all below it. */
function subtree(name: string, frameworks: ReadonlyMap<string, Framework>): ReadonlySet<string> {
  const names = new Set([name]);
  for (const found of names) {
    for (const other of frameworks.values()) if (other.spec.parent === found) names.add(other.metadata.name);
  }
  return names;
}
