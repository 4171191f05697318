// What must never be true, checked on every watch event of a test against a cluster. Pure: events in, violations out.
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import { podRequests } from '../../src/core/resources/pod-requests.ts';
import { parseBytes } from '../../src/core/resources/quantity.ts';
import type { Resources } from '../../src/core/resources/resources.ts';

/** A watch event of one of the kinds of `SafetyRules.kinds`. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Raw;
}

export interface Raw {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly uid: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface Violation {
  readonly rule: string;
  readonly message: string;
}

const APP_LABEL = 'proffer.dev/app';
const MOVING_PHASES: ReadonlySet<unknown> = new Set(['Succeeded', 'Failed']);

interface SlotSpec {
  readonly member: string;
  readonly node: string;
  readonly state: string;
  readonly resources: Readonly<Record<string, string>>;
}

export class SafetyRules {
  readonly #allowedDeletes = new Set<string>();
  readonly #claimBytes = new Map<string, number>();
  readonly #pods = new Map<string, Raw>();
  readonly #nodes = new Map<string, Raw>();
  readonly #reservations = new Map<string, Raw>();
  readonly #appClaims = new Set<string>();

  /** From now on this claim or volume may be deleted: the test does it itself. */
  allowDelete(uid: string): void {
    this.#allowedDeletes.add(uid);
  }

  observe(event: WatchEvent): readonly Violation[] {
    switch (event.object.kind) {
      case 'PersistentVolumeClaim':
        return [...this.#claimIsKept(event), ...this.#claimNeverShrinks(event)];
      case 'PersistentVolume':
        return this.#volumeIsKept(event);
      case 'Pod':
        this.#remember(this.#pods, event);
        return [...this.#oneNodeAMember(event.object), ...this.#notOversubscribed(nodeOf(event.object))];
      case 'Node':
        this.#remember(this.#nodes, event);
        return [];
      case 'Reservation':
        this.#remember(this.#reservations, event);
        return [...new Set(slotsOf(event.object).map((slot) => slot.node))].flatMap((node) =>
          this.#notOversubscribed(node),
        );
      default:
        return [];
    }
  }

  #remember(objects: Map<string, Raw>, event: WatchEvent): void {
    if (event.type === 'DELETED') objects.delete(event.object.metadata.uid);
    else objects.set(event.object.metadata.uid, event.object);
  }

  #claimIsKept({ object, type }: WatchEvent): Violation[] {
    const { uid, namespace, name, labels, deletionTimestamp } = object.metadata;
    if (labels?.[APP_LABEL] === undefined) return [];
    this.#appClaims.add(`${namespace}/${name}`);
    if (type !== 'DELETED' && deletionTimestamp === undefined) return [];
    if (this.#allowedDeletes.has(uid)) return [];
    return [{ rule: 'claims are kept', message: `claim ${namespace}/${name} (${uid}) is being deleted` }];
  }

  #volumeIsKept({ object, type }: WatchEvent): Violation[] {
    const { uid, name, deletionTimestamp } = object.metadata;
    const claim = object.spec?.['claimRef'] as { namespace?: string; name?: string } | undefined;
    if (claim === undefined || !this.#appClaims.has(`${claim.namespace}/${claim.name}`)) return [];
    if (type !== 'DELETED' && deletionTimestamp === undefined) return [];
    if (this.#allowedDeletes.has(uid)) return [];
    return [
      {
        rule: 'volumes are kept',
        message: `volume ${name} of claim ${claim.namespace}/${claim.name} is being deleted`,
      },
    ];
  }

  #claimNeverShrinks({ object }: WatchEvent): Violation[] {
    const requests = (object.spec?.['resources'] as { requests?: Record<string, string> } | undefined)?.requests;
    const bytes = parseBytes(requests?.['storage'] ?? '0');
    const before = this.#claimBytes.get(object.metadata.uid) ?? 0;
    this.#claimBytes.set(object.metadata.uid, Math.max(before, bytes));
    if (bytes >= before) return [];
    return [
      {
        rule: 'claims never shrink',
        message: `claim ${object.metadata.namespace}/${object.metadata.name}: ${before} → ${bytes} bytes`,
      },
    ];
  }

  /** Two live pods of one name on two nodes: the first still has its volume, whatever the API server believes. */
  #oneNodeAMember(pod: Raw): Violation[] {
    if (pod.metadata.labels?.[APP_LABEL] === undefined || nodeOf(pod) === '') return [];
    const twins = [...this.#pods.values()].filter(
      (other) =>
        other.metadata.name === pod.metadata.name &&
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.uid !== pod.metadata.uid &&
        isLive(other) &&
        isLive(pod) &&
        nodeOf(other) !== nodeOf(pod),
    );
    return twins.map((twin) => ({
      rule: 'never two writers',
      message: `member ${pod.metadata.namespace}/${pod.metadata.name} runs on ${nodeOf(twin)} and on ${nodeOf(pod)}`,
    }));
  }

  /** Our slots without a pod and our bound members together fit the node. */
  #notOversubscribed(nodeName: string): Violation[] {
    const node = [...this.#nodes.values()].find((candidate) => candidate.metadata.name === nodeName);
    if (node === undefined) return [];
    const allocatable = parseResourceList((node.status?.['allocatable'] as Record<string, string> | undefined) ?? {});
    const members = [...this.#pods.values()].filter(
      (pod) => nodeOf(pod) === nodeName && isLive(pod) && pod.metadata.labels?.[APP_LABEL] !== undefined,
    );
    const bound = new Set(members.map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`));
    const waiting = [...this.#reservations.values()].flatMap((reservation) =>
      slotsOf(reservation)
        .filter(
          (slot) =>
            slot.node === nodeName &&
            slot.state !== 'Conflicted' &&
            !bound.has(`${reservation.metadata.namespace}/${slot.member}`),
        )
        .map((slot) => parseResourceList(slot.resources)),
    );
    const used = sum([...members.map((pod) => podRequests(pod.spec)), ...waiting]);
    return Object.entries(used)
      .filter(([name, amount]) => allocatable[name] !== undefined && amount > allocatable[name])
      .map(([name, amount]) => ({
        rule: 'never oversubscribed',
        message: `node ${nodeName}: ${name} ${amount} promised of ${allocatable[name]} (${members.length} members, ${waiting.length} waiting slots)`,
      }));
  }
}

function nodeOf(pod: Raw): string {
  return (pod.spec?.['nodeName'] as string | undefined) ?? '';
}

function isLive(pod: Raw): boolean {
  return !MOVING_PHASES.has(pod.status?.['phase']);
}

function slotsOf(reservation: Raw): readonly SlotSpec[] {
  return (reservation.spec?.['slots'] as readonly SlotSpec[] | undefined) ?? [];
}

function sum(all: readonly Resources[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const resources of all)
    for (const [name, amount] of Object.entries(resources)) total[name] = (total[name] ?? 0) + amount;
  return total;
}
