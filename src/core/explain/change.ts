import { RESOURCE_ATTACH_PREFIX, RESOURCE_STORAGE_PREFIX } from '../../api/labels.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Resources } from '../resources/resources.ts';
import { showAmount } from '../resources/show-amount.ts';

/** One step of what would make a demand fit. Amounts as in Resources; storage by its class, attach slots by their driver. */
export type Change =
  /** So much more of it free on the node. */
  | { readonly kind: 'amount'; readonly node: string; readonly what: string; readonly amount: number }
  /** Something about the node, or the app, that has no number: what lifts this reason there. `count` nodes where it is about new ones. */
  | { readonly kind: 'lift'; readonly node: string; readonly reason: Reason; readonly count: number }
  /** So many nodes more, each as `like` would be if it were new; `room` is what is needed of each. */
  | {
      readonly kind: 'nodes';
      readonly count: number;
      readonly like: string;
      readonly zone: string;
      readonly room: Resources;
    }
  /** So much more in the limit of the framework. */
  | { readonly kind: 'limit'; readonly framework: string; readonly resource: string; readonly amount: number }
  /** So much more of its guarantee lent by the framework. */
  | { readonly kind: 'lend'; readonly framework: string; readonly resource: string; readonly amount: number };

interface Remedy {
  /** How much it is against the others: a lack of half of what is needed is 0.5. */
  readonly cost: number;
  readonly say: (node: string, count: number) => string;
}

const oneMore = (count: number): string => (count === 1 ? 'one more node' : `${count} more nodes, each`);

/** What it takes to lift a reason that has no number. A reason that is not here nothing lifts but moving data or changing the app. */
export const REMEDIES: Readonly<Partial<Record<Reason, Remedy>>> = {
  NodeCordoned: { cost: 0.3, say: (node) => `uncordon ${node}` },
  NodeNotReady: { cost: 0.6, say: (node) => `${node} ready again` },
  NodeTainted: { cost: 0.7, say: (node) => `a toleration for the taint of ${node}` },
  // Labels often say what a node is made of: a label and more room are no less than a node that has both.
  NodeSelectorMismatch: { cost: 1.5, say: (node) => `the label that nodeSelector wants on ${node}` },
  NodeAffinityMismatch: { cost: 1.5, say: (node) => `the labels that the node affinity wants on ${node}` },
  PodAffinityMismatch: { cost: 1.5, say: (node) => `a pod that the podAffinity looks for near ${node}` },
  PodAntiAffinityMismatch: {
    cost: 2,
    say: (_node, count) => `${oneMore(count)} away from the pods kept apart by podAntiAffinity`,
  },
  TopologySpreadMismatch: { cost: 2, say: (_node, count) => `${oneMore(count)} where fewest of the spread pods are` },
  HostPortTaken: { cost: 2, say: (_node, count) => `${oneMore(count)} with the host port free` },
  ConstraintIs: { cost: 1.5, say: (node) => `the value that the Is constraint wants on ${node}` },
  ConstraintLike: { cost: 1.5, say: (node) => `a value that the Like constraint wants on ${node}` },
  ConstraintUnique: {
    cost: 2,
    say: (_node, count) => `${oneMore(count)} with a value of its own for the Unique constraint`,
  },
  ConstraintMaxPer: {
    cost: 2,
    say: (_node, count) => `${oneMore(count)} whose value has room under the MaxPer constraint`,
  },
  ConstraintGroupBy: {
    cost: 2,
    say: (_node, count) => `${oneMore(count)} in the group that has fewest members`,
  },
};

/** What one more node costs. */
export const NODE_COST = 2;

/** Steps that are told in words. */
const TOLD = 6;

/** "800m more cpu on n2, 1Gi more memory on n2 and uncordon n3": in the order given. */
export function showChanges(changes: readonly Change[]): string {
  const all = changes.map(showChange);
  const parts = all.length <= TOLD ? all : [...all.slice(0, TOLD - 1), `${all.length - TOLD + 1} more changes`];
  return parts.length < 3 ? parts.join(' and ') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function showChange(change: Change): string {
  switch (change.kind) {
    case 'amount':
      return `${showMissing(change.what, change.amount)} on ${change.node}`;
    case 'lift':
      return REMEDIES[change.reason]?.say(change.node, change.count) ?? '';
    case 'nodes':
      return showNodes(change);
    case 'lend':
      return `${showAmount(change.resource, change.amount)} more ${change.resource} in the lendingLimit of framework ${change.framework}`;
    default:
      return `${showAmount(change.resource, change.amount)} more ${change.resource} in the limit of framework ${change.framework}`;
  }
}

function showNodes({ count, like, zone, room }: Extract<Change, { kind: 'nodes' }>): string {
  const where = zone === '' ? '' : ` in zone ${zone}`;
  const parts = Object.entries(room).map(([what, amount]) => showRoom(what, amount));
  const many = count === 1 ? 'one more node' : `${count} more nodes`;
  const each = parts.length === 0 ? '' : ` with ${parts.join(', ')} free${count === 1 ? '' : ' on each'}`;
  return `${many} like ${like}${where}${each}`;
}

function showRoom(what: string, amount: number): string {
  const shown = showAmount(what, amount);
  if (what.startsWith(RESOURCE_STORAGE_PREFIX)) {
    return `${shown} of storage class ${what.slice(RESOURCE_STORAGE_PREFIX.length)}`;
  }
  return `${shown} ${what}`;
}

function showMissing(what: string, missing: number): string {
  const amount = showAmount(what, missing);
  if (what.startsWith(RESOURCE_STORAGE_PREFIX)) {
    return `${amount} more of storage class ${what.slice(RESOURCE_STORAGE_PREFIX.length)}`;
  }
  if (what.startsWith(RESOURCE_ATTACH_PREFIX)) {
    return `${amount} more attach slots of ${what.slice(RESOURCE_ATTACH_PREFIX.length)}`;
  }
  return `${amount} more ${what}`;
}

/** The same, with what is about one node and one thing added up, in the order of first mention. */
export function addedUp(changes: readonly Change[]): readonly Change[] {
  const sums = new Map<string, Change>();
  for (const change of changes) {
    const key = keyOf(change);
    const known = sums.get(key);
    sums.set(key, known === undefined ? change : sum(known, change));
  }
  return [...sums.values()];
}

function keyOf(change: Change): string {
  switch (change.kind) {
    case 'amount':
      return `amount ${change.node} ${change.what}`;
    case 'lift':
      return (REMEDIES[change.reason]?.cost ?? 0) >= NODE_COST
        ? `lift ${change.reason}`
        : `lift ${change.reason} ${change.node}`;
    case 'nodes':
      return `nodes ${change.like}`;
    default:
      return `${change.kind} ${change.framework} ${change.resource}`;
  }
}

function sum(left: Change, right: Change): Change {
  if ('amount' in left && 'amount' in right) return { ...left, amount: left.amount + right.amount };
  if (left.kind === 'nodes' && right.kind === 'nodes') return { ...left, count: left.count + right.count };
  if (left.kind === 'lift' && right.kind === 'lift' && (REMEDIES[left.reason]?.cost ?? 0) >= NODE_COST)
    return { ...left, count: left.count + right.count };
  return left;
}
