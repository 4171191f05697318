import { type MemberPods, memberLabels } from '../facts/member-pods.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { PodSet, comingPod } from '../view/pod-index.ts';
import type { Scratch } from '../view/scratch.ts';
import type { PlacementRules } from '../allocator/demand.ts';
import type { NodeValues } from './node-values.ts';
import { type PodOwner, PodSurroundings } from './pod-surroundings.ts';
import { hostPorts } from './stages/host-ports.ts';
import { podAffinity } from './stages/pod-affinity.ts';
import { podAntiAffinity } from './stages/pod-anti-affinity.ts';
import type { PodCheck, PodSite, PodStage } from './stages/pod-stage.ts';
import { topologySpread } from './stages/topology-spread.ts';
import type { Tell } from './tell.ts';

/** What looks at other pods, in kube-scheduler's order. */
const POD_STAGES: readonly PodStage[] = [hostPorts, topologySpread, podAffinity, podAntiAffinity];

/** A demand whose pods have to do with other pods. */
export interface PodDemand extends PodOwner {
  readonly rules: PlacementRules;
  readonly pods?: MemberPods | undefined;
}

/** The pods of all members that are placed in one run, and the question who has to do with them. Taken back with the scratch. */
export class PodRun {
  readonly #view: ClusterView;
  readonly #values: NodeValues;
  readonly #scratch: Scratch;
  readonly #placed = new PodSet();

  constructor(view: ClusterView, values: NodeValues, scratch: Scratch) {
    this.#view = view;
    this.#values = values;
    this.#scratch = scratch;
  }

  /** Undefined, as for most demands: no rule of theirs looks at pods, and no pod's rule at theirs. `beside`: the others of its gang. */
  of(demand: PodDemand, beside: readonly PodDemand[] = []): PodPlacement | undefined {
    const { pods } = demand;
    if (pods === undefined || ![demand, ...beside].some((one) => this.dependsOnPods(one))) return undefined;
    const around = new PodSurroundings(this.#view.pods, this.#placed, demand, pods);
    return new PodPlacement({ around, view: this.#view, values: this.#values, rules: demand.rules });
  }

  /** Whether it matters to the demand which pods are where. */
  dependsOnPods({ pods, members }: PodDemand): boolean {
    if (pods === undefined) return false;
    const own = pods.affinity.length + pods.antiAffinity.length + pods.spread.length + pods.hostPorts.length;
    return own > 0 || this.#isExcluded(pods, members);
  }

  /** A member was put on this row of the scratch: others see its pod from now on. */
  put({ app, pods }: PodDemand, member: string, row: number): void {
    if (pods === undefined) return;
    const pod = comingPod(pods, member, this.#view.nodeTable.names[row] ?? '', app.uid);
    this.#placed.add(pod);
    this.#scratch.alsoUndo(() => this.#placed.delete(pod));
  }

  #isExcluded(pods: MemberPods, members: PodOwner['members']): boolean {
    const index = this.#view.pods;
    return [index.pods, this.#placed].some((set) => {
      const isMeant = (labels: MemberPods['labels']): boolean =>
        some(set.exclusions({ namespace: pods.namespace, labels }, index.namespaceLabels));
      if (!set.looksAtMembers) return isMeant(pods.labels);
      return members.some(({ member }) => isMeant(memberLabels(pods, member)));
    });
  }
}

function some(items: Iterable<unknown>): boolean {
  for (const _item of items) return true;
  return false;
}

/** One app's members among other pods. */
export class PodPlacement {
  readonly dependsOnPods = true;
  readonly #site: PodSite;
  #asked: { readonly key: string; readonly check: PodCheck } | undefined;

  constructor(site: PodSite) {
    this.#site = site;
  }

  /** Whether members that are equal may need to be placed in another order, or elsewhere from the first on (see place-gang.ts). */
  get orderMatters(): boolean {
    const { affinity, antiAffinity, spread } = this.#site.around.pods;
    const unusual = [...antiAffinity, ...spread]
      .map(({ topologyKey }) => topologyKey)
      .filter((key) => !NESTED.has(key));
    return affinity.length > 0 || new Set(unusual).size > 1;
  }

  /** The question put to many nodes while everybody is where they are at this version of the scratch. */
  against(member: string, version: number): PodCheck {
    const key = `${version} ${member}`;
    if (this.#asked?.key !== key) this.#asked = { key, check: this.#checkOf(member) };
    return this.#asked.check;
  }

  #checkOf(member: string): PodCheck {
    const newcomer = this.#site.around.newcomer(member);
    const checks = POD_STAGES.flatMap((stage) => stage.against(this.#site, newcomer) ?? []);
    return {
      admits: (row) => checks.every((check) => check.admits(row)),
      tell: (row: number, tell: Tell) => {
        for (const check of checks) check.tell(row, tell);
      },
    };
  }

  /** For pods that shall be together nodes with equal values are one choice for the first of them. Undefined: every node is its own. */
  alternative(row: number): string | undefined {
    const { values, around } = this.#site;
    const { affinity } = around.pods;
    if (affinity.length === 0) return undefined;
    return affinity.map(({ topologyKey }) => values.of(topologyKey)[row] ?? '').join('\n');
  }
}

/** Every host is in one zone, every zone in one region. */
const NESTED: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
]);
