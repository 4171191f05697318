import { parseFramework } from '../api/parse.ts';
import type { Framework } from '../api/framework.ts';
import type { Decision } from '../core/allocator/decision.ts';
import type { Demand } from '../core/allocator/demand.ts';
import { frameworkShares } from '../core/fairness/framework-shares.ts';
import { queuePosition } from '../core/fairness/queue-position.ts';
import { treeProblems } from '../core/fairness/tree-problems.ts';
import { treeShape } from '../core/fairness/tree-shape.ts';
import { tenantsOf } from '../core/offers/tenants-of.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Store } from '../kube/store.ts';
import { frameworkStatus, type FrameworkWorld, type OfferCounts } from './framework-status.ts';
import type { StatusWriter } from './status-writer.ts';

export interface FrameworkControllerOptions {
  readonly frameworks: Store<Framework>;
  readonly view: ClusterView;
  readonly demands: () => readonly Demand[];
  readonly statuses: StatusWriter;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** Keeps the status of all frameworks, together: what one is charged changes the shares of those above it. */
export class FrameworkController {
  /** By name: since this process began. By UID: what the status said before. */
  readonly #counts = new Map<string, OfferCounts>();
  readonly #found = new Map<string, OfferCounts>();
  readonly #options: FrameworkControllerOptions;

  constructor(options: FrameworkControllerOptions) {
    this.#options = options;
  }

  /** Notes an answer of the allocator; it reaches the status with the next pass. */
  count(framework: string, decision: Decision): void {
    const { accepted, declined } = this.#counts.get(framework) ?? { accepted: 0, declined: 0 };
    const isYes = decision.kind === 'accept';
    this.#counts.set(framework, { accepted: accepted + (isYes ? 1 : 0), declined: declined + (isYes ? 0 : 1) });
  }

  async reconcile(): Promise<void> {
    const { frameworks, statuses, now } = this.#options;
    const objects = frameworks.list();
    if (objects.length === 0) return;
    const world = this.#world(objects);
    for (const framework of objects) {
      const status = frameworkStatus(framework, world, this.#sinceEver(framework), now());
      await statuses.write(framework, status, parseFramework);
    }
  }

  #world(objects: readonly Framework[]): FrameworkWorld {
    const { view, demands: pending, now } = this.#options;
    const demands = pending();
    const tenants = tenantsOf(objects);
    const charges = view.charges();
    return {
      frameworks: new Map(objects.map((framework) => [framework.metadata.name, framework])),
      shares: new Map(frameworkShares(view, tenants, demands).map((share) => [share.name, share])),
      charges,
      problems: treeProblems(tenants, charges),
      outside: new Set(treeShape(tenants).outside.keys()),
      demands,
      places: queuePosition(view, tenants, demands, now()),
    };
  }

  /** Counts go on from the status that this process found. */
  #sinceEver({ metadata, status }: Framework): OfferCounts {
    const found = { accepted: status?.offersAccepted ?? 0, declined: status?.offersDeclined ?? 0 };
    const base = this.#found.get(metadata.uid) ?? found;
    this.#found.set(metadata.uid, base);
    const own = this.#counts.get(metadata.name) ?? { accepted: 0, declined: 0 };
    return { accepted: base.accepted + own.accepted, declined: base.declined + own.declined };
  }
}
