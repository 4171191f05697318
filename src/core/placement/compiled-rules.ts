import type { Reason } from '../../api/reasons.ts';
import type { PlacementRules } from '../allocator/demand.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { CompiledConstraint, ValueCheck } from './constraints/compiled-constraint.ts';
import { compileConstraint } from './constraints/registry.ts';
import type { NodeValues } from './node-values.ts';
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
  readonly #absolute: readonly { readonly key: string; readonly reason: Reason; readonly check: ValueCheck }[];
  readonly #view: ClusterView;
  readonly #values: NodeValues;
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
    this.#view = view;
    this.#values = values;
  }

  /** Rows of the nodes that the rules allow, other members and free room aside. */
  eligible(): Int32Array {
    if (this.#eligible === undefined) {
      const rows: number[] = [];
      for (const [row, node] of this.#view.nodeTable.facts.entries()) {
        if (node !== undefined && this.allows(node)) rows.push(row);
      }
      this.#eligible = Int32Array.from(rows);
    }
    return this.#eligible;
  }

  /** The values of the key over the eligible nodes. */
  known(key: string): ReadonlySet<string> {
    let known = this.#known.get(key);
    if (known === undefined) {
      const values = this.#values.of(key);
      known = new Set([...this.eligible()].flatMap((row) => values[row] ?? []));
      this.#known.set(key, known);
    }
    return known;
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

  #absoluteHold(node: NodeFacts, tell?: Tell): boolean {
    let hold = true;
    for (const { key, reason, check } of this.#absolute) {
      const value = topologyValue(node, key);
      if (check.admits(value)) continue;
      hold = false;
      if (tell === undefined) return false;
      tell(reason, () => check.explain(value));
    }
    return hold;
  }
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
    const key = JSON.stringify([
      rules.constraints,
      rules.nodeSelector,
      rules.nodeAffinityTerms ?? null,
      rules.tolerations,
      rules.policies,
    ]);
    const compiled = this.#compiled.get(key) ?? new CompiledRules(this.#view, this.values, { key, rules });
    this.#compiled.set(key, compiled);
    return compiled;
  }
}
