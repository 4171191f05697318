import { RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Reason } from '../../api/reasons.ts';
import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import type { PlacementRun } from '../placement/surroundings.ts';
import type { Resources } from '../resources/resources.ts';
import { add } from '../resources/vector.ts';
import type { Segment } from '../view/segments.ts';
import { HOSTNAME_LABEL, ZONE_LABEL } from '../view/node-table.ts';
import type { LackingMember } from './lacking-member.ts';
import type { NodeReport } from './node-report.ts';

/** Reasons that a node like this one would not have if it were new: it is empty, ready, and has a name of its own. */
const OF_USE: ReadonlySet<Reason> = new Set([
  'NodeNotReady',
  'NodeCordoned',
  'InsufficientCPU',
  'InsufficientMemory',
  'InsufficientEphemeralStorage',
  'InsufficientExtendedResource',
  'TooManyPods',
  'TooManyAttachments',
  'InsufficientPoolCapacity',
  'ConstraintUnique',
  'ConstraintMaxPer',
  'ConstraintGroupBy',
]);

/** Constraint keys that tell every node from every other. */
export const HOSTNAMES: ReadonlySet<string> = new Set(['@hostname', HOSTNAME_LABEL]);

/** A value that no node has: what a new node's hostname would be. */
const NEW_NAME = '\nnew';

/** A node that does not exist: as large as another one, empty but for the members put on it, of one app or of several. */
export class FreshNode {
  readonly row: number;
  readonly name: string;
  readonly #run: PlacementRun;
  #taken: Resources = {};
  readonly #members = new Map<AppPlacement, number>();
  readonly #attached = new Map<string, number>();

  constructor(run: PlacementRun, row: number) {
    this.#run = run;
    this.row = row;
    this.name = run.view.nodeTable.names[row] ?? '';
  }

  get zone(): string {
    return this.#run.view.nodeTable.facts[this.row]?.labels[ZONE_LABEL] ?? '';
  }

  /** What its members take of it: node resources, and bytes of storage by class. */
  get room(): Resources {
    return this.#taken;
  }

  /** Whether one more member fits: by room, attach slots, storage and the constraints as its neighbours are placed now. */
  admits({ placement, need }: LackingMember): boolean {
    return (
      this.#isOpenTo(placement) &&
      this.#hasRoom(need) &&
      this.#attaches(need) &&
      this.#stores(need) &&
      this.#allows(placement)
    );
  }

  put({ placement, need }: LackingMember): () => void {
    this.#taken = add(this.#taken, this.#run.view.nodeTable.columns.resources(need.amount));
    for (const [name, bytes] of need.newBytes)
      this.#taken = add(this.#taken, { [`${RESOURCE_STORAGE_PREFIX}${name}`]: bytes });
    for (const [driver, claims] of need.attaches)
      this.#attached.set(driver, (this.#attached.get(driver) ?? 0) + claims.length);
    this.#members.set(placement, (this.#members.get(placement) ?? 0) + 1);
    // The other node lends its zone and storage, so that constraints count the member there.
    return placement.put(need, this.row);
  }

  /** What other apps' rules about pods say of neighbours is not asked here: so whom they are about stays alone. */
  #isOpenTo(placement: AppPlacement): boolean {
    const isEmpty = this.#members.size === 0;
    if (placement.pods !== undefined) return isEmpty;
    return isEmpty || !this.#members.has(placement) || mayBeShared(placement);
  }

  #hasRoom({ amount }: MemberNeed): boolean {
    const { columns, allocatable, stride } = this.#run.view.nodeTable;
    return amount.columns.every((column, i) => {
      const total = column < stride ? (allocatable[this.row * stride + column] ?? 0) : 0;
      return (amount.values[i] ?? 0) + (this.#taken[columns.name(column)] ?? 0) <= total;
    });
  }

  #attaches({ attaches }: MemberNeed): boolean {
    const { attachments } = this.#run.view.storage;
    return [...attaches].every(([driver, claims]) => {
      const limit = attachments.limit(this.name, driver);
      return limit === undefined || claims.length + (this.#attached.get(driver) ?? 0) <= limit;
    });
  }

  /** Storage that only this node has would come with the new one; what it shares with others must have room. */
  #stores(need: MemberNeed): boolean {
    const { view, scratch } = this.#run;
    const { capacity } = view.storage;
    return [...need.newBytes.keys()].every((name) =>
      capacity.limitsAt(name, this.row).every(({ source, segments }) =>
        segments.some((segment) => {
          const largest = need.largestBytes.get(name) ?? 0;
          if (segment.maximumBytes !== undefined && largest > segment.maximumBytes) return false;
          const bytes = capacity.wantedOf(name, source, need.newBytes);
          return this.#isOwn(segment) || bytes <= scratch.segmentFree(name, segment);
        }),
      ),
    );
  }

  #isOwn({ signature }: Segment): boolean {
    const hostname = this.#run.view.nodeTable.facts[this.row]?.labels[HOSTNAME_LABEL];
    return signature.split('\n').some((value) => value !== '' && (value === this.name || value === hostname));
  }

  #allows(placement: AppPlacement): boolean {
    const { values } = this.#run;
    return placement
      .checks()
      .every(({ key, check }) => check.admits(HOSTNAMES.has(key) ? NEW_NAME : values.of(key)[this.row]));
  }
}

/** Where a constraint counts an app's members per host each gets a node of its own: simpler, and never too few. */
function mayBeShared({ rules, pods }: AppPlacement): boolean {
  return pods === undefined && !rules.relative.some(({ key }) => HOSTNAMES.has(key));
}

/**
 * Whether a new node like this one may be thought of at all. One that the app may not use now (it is cordoned) could bring a value that
 * evenness has not counted with, so then only apps without GroupBy get it.
 */
export function couldBeNew(placement: AppPlacement, report: NodeReport): boolean {
  if (!report.reasons.every(({ reason, measure }) => OF_USE.has(reason) && isKnown(reason, measure))) return false;
  const isOut = report.reasons.some(({ reason }) => reason === 'NodeNotReady' || reason === 'NodeCordoned');
  return !isOut || !placement.rules.relative.some(({ reason }) => reason === 'ConstraintGroupBy');
}

/** A pool that says nothing about the node at all says nothing about a new one. */
function isKnown(reason: Reason, measure: unknown): boolean {
  return reason !== 'InsufficientPoolCapacity' || measure !== undefined;
}
