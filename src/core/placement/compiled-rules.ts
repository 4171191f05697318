import type { Reason } from '../../api/reasons.ts';
import type { PlacementRules } from '../allocator/demand.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { CompiledConstraint, ValueCheck } from './constraints/compiled-constraint.ts';
import { explainValue } from './constraints/explain-value.ts';
import { compileConstraint } from './constraints/registry.ts';
import type { MemberNeed } from './member-need.ts';
import type { NodeValues } from './node-values.ts';
import { type Weighted, weightedPolicies } from './policies/registry.ts';
import { rulesKey } from './rules-key.ts';
import { nodeMatches } from './stages/node-affinity.ts';
import { nodeUsable } from './stages/node-usable.ts';
import { taintsTolerated } from './stages/taints.ts';
import type { Tell } from './tell.ts';
import { topologyValue } from './topology-key.ts';

/** Placement rules with everything worked out that does not change while members are placed. Equal rules share one (see RuleBook). */
export class CompiledRules {
  readonly rules: PlacementRules;
  /** The same for equal rules. */
  readonly key: string;
  /** Constraints that depend on where other members are. */
  readonly relative: readonly CompiledConstraint[];
  /** Another order, or another first choice, may fit where this one does not (see place-gang.ts). */
  readonly orderMatters: boolean;
  /** The policies that look at the node alone, and the others. */
  readonly ofNode: readonly Weighted[];
  readonly ofMember: readonly Weighted[];
  readonly #absolute: readonly { readonly key: string; readonly reason: Reason; readonly check: ValueCheck }[];
  readonly #view: ClusterView;
  readonly #values: NodeValues;
  #deciding: readonly string[] | undefined;
  /** By row: 1 where the node is allowed. */
  #allowed: Uint8Array | undefined;
  #eligible: Int32Array | undefined;
  readonly #known = new Map<string, ReadonlySet<string>>();

  constructor(view: ClusterView, values: NodeValues, { key, rules }: { key: string; rules: PlacementRules }) {
    const constraints = rules.constraints.map(compileConstraint);
    this.key = key;
    this.rules = rules;
    this.relative = constraints.filter((constraint) => !constraint.dependsOnNodeOnly);
    this.#absolute = constraints
      .filter((constraint) => constraint.dependsOnNodeOnly)
      .map((constraint) => ({ ...constraint, check: constraint.against(NO_COUNTS, () => NO_VALUES) }));
    const unusual = new Set(this.relative.map(({ key }) => key).filter((key) => !key.startsWith('@')));
    this.orderMatters = unusual.size > 1 || this.relative.some(({ reason }) => reason === 'ConstraintCluster');
    const policies = weightedPolicies(rules.policies);
    this.ofNode = policies.filter(({ policy }) => policy.dependsOnNodeOnly);
    this.ofMember = policies.filter(({ policy }) => !policy.dependsOnNodeOnly);
    this.#view = view;
    this.#values = values;
  }

  /** Rows of the nodes that the rules allow, other members and free room aside. */
  eligible(): Int32Array {
    if (this.#eligible === undefined) {
      const allowed = this.#allowedRows();
      const rows: number[] = [];
      for (let row = 0; row < allowed.length; row += 1) if (allowed[row] === 1) rows.push(row);
      this.#eligible = Int32Array.from(rows);
    }
    return this.#eligible;
  }

  /** The nodes of these rows are others, or something else is known of them; there are as many rows as before. */
  renew(rows: readonly number[]): void {
    if (this.#allowed === undefined) return;
    for (const row of rows) this.#allowed[row] = this.#allows(row);
    this.#eligible = undefined;
    this.#known.clear();
  }

  isEligible(row: number): boolean {
    return this.#allowedRows()[row] === 1;
  }

  /** The same rows by the names of their nodes. */
  eligibleByName(): Int32Array {
    const allowed = this.#allowedRows();
    return this.#view.nodeTable.rowsByName().filter((row) => allowed[row] === 1);
  }

  /** The values of the key over the eligible nodes. */
  known(key: string): ReadonlySet<string> {
    let known = this.#known.get(key);
    if (known === undefined) {
      const values = this.#values.of(key);
      const found = new Set<string>();
      for (const row of this.eligible()) {
        const value = values[row];
        if (value !== undefined) found.add(value);
      }
      known = found;
      this.#known.set(key, known);
    }
    return known;
  }

  /** See decidingKeys. The same array every time. */
  deciding(need: MemberNeed): readonly string[] | undefined {
    for (const { policy } of this.ofMember) if (policy.decidedBy?.(need) === undefined) return undefined;
    this.#deciding ??= decidingKeys(this, need);
    return this.#deciding;
  }

  /** The stages that look at the node alone, in order: usable, selectors, affinity, taints; then constraints on the node itself. */
  allows(node: NodeFacts, tell?: Tell): boolean {
    const { rules } = this;
    let fits = nodeUsable(node, rules.tolerations, tell);
    if (!fits && tell === undefined) return false;
    fits = nodeMatches(node, rules, tell) && fits;
    if (!fits && tell === undefined) return false;
    fits = taintsTolerated(node, rules.tolerations, tell) && fits;
    if (!fits && tell === undefined) return false;
    return this.#absoluteHold(node, tell) && fits;
  }

  #allowedRows(): Uint8Array {
    if (this.#allowed === undefined) {
      const { rowCount } = this.#view.nodeTable;
      this.#allowed = new Uint8Array(rowCount);
      for (let row = 0; row < rowCount; row += 1) this.#allowed[row] = this.#allows(row);
    }
    return this.#allowed;
  }

  #allows(row: number): 0 | 1 {
    const node = this.#view.nodeTable.facts[row];
    return node !== undefined && this.allows(node) ? 1 : 0;
  }

  #absoluteHold(node: NodeFacts, tell?: Tell): boolean {
    let hold = true;
    for (const { key, reason, check } of this.#absolute) {
      const value = topologyValue(node, key);
      if (check.admits(value)) continue;
      hold = false;
      if (tell === undefined) return false;
      tell(reason, () => explainValue(check, { key, value }, this.#values));
    }
    return hold;
  }
}

/**
 * The keys whose values decide how a node is liked and admitted, but for what the node alone decides, with rules of which all policies
 * can say theirs.
 */
function decidingKeys({ relative, ofMember }: CompiledRules, need: MemberNeed): readonly string[] {
  const keys = [...relative.map(({ key }) => key), ...ofMember.flatMap(({ policy }) => policy.decidedBy?.(need) ?? [])];
  return [...new Set(keys)].toSorted();
}

const NO_COUNTS: ReadonlyMap<string, number> = new Map();
const NO_VALUES: ReadonlySet<string> = new Set();

/** Compiles each set of rules once per run: five hundred apps of one kind look at every node's labels once. */
export class RuleBook {
  readonly #view: ClusterView;
  readonly values: NodeValues;
  readonly #compiled = new Map<string, CompiledRules>();

  constructor(view: ClusterView, values: NodeValues) {
    this.#view = view;
    this.values = values;
  }

  of(rules: PlacementRules): CompiledRules {
    const key = rulesKey(rules);
    const compiled = this.#compiled.get(key) ?? new CompiledRules(this.#view, this.values, { key, rules });
    this.#compiled.set(key, compiled);
    return compiled;
  }

  /** See CompiledRules.renew. */
  renew(rows: readonly number[]): void {
    for (const compiled of this.#compiled.values()) compiled.renew(rows);
  }

  get size(): number {
    return this.#compiled.size;
  }
}
