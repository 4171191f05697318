import {
  freeShare,
  memberKey,
  type AdmissionWorld,
  type AskingPod,
  type EnforcedSlot,
  type NodeRoom,
} from '../../src/core/admission/admission-world.ts';
import type { Candidates } from '../../src/core/admission/candidates.ts';
import type { Promises } from '../../src/core/admission/node-promises.ts';
import { RoomColumns } from '../../src/core/admission/room-columns.ts';

// Builders with defaults, for tests and benchmarks: an app `default/es` whose StatefulSet has the UID `set-es`.

export const APP = { namespace: 'default', name: 'es', uid: 'app-es' };

const GIB = 2 ** 30;

/** A pod of member `es-0`, one CPU and one GiB. */
export function askingPod(given: Partial<AskingPod> = {}): AskingPod {
  return {
    uid: 'pod-1',
    namespace: 'default',
    name: 'es-0',
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'es', uid: 'set-es' },
    labels: { 'proffer.dev/member': 'es-0' },
    requests: { cpu: 1000, memory: GIB, pods: 1 },
    ...given,
  };
}

/** A pod that has nothing to do with us. */
export function strangerPod(given: Partial<AskingPod> = {}): AskingPod {
  return askingPod({ uid: 'stranger-1', name: 'web-abc', owner: undefined, labels: {}, ...given });
}

/** The slot of `es-0` on node `n1`. */
export function enforcedSlot(given: Partial<EnforcedSlot> = {}): EnforcedSlot {
  return {
    app: APP,
    member: 'es-0',
    node: 'n1',
    resources: { cpu: 1000, memory: GIB, pods: 1 },
    standing: 'honoured',
    holder: '',
    ...given,
  };
}

/** A ready node of 4 CPU and 16 GiB of which nothing is used or held. */
export function nodeRoom(name: string, given: Partial<NodeRoom> = {}): NodeRoom {
  const allocatable = { cpu: 4000, memory: 16 * GIB, pods: 110 };
  const free = given.free ?? allocatable;
  return {
    name,
    ready: true,
    unschedulable: false,
    free,
    freeShare: freeShare(free, allocatable),
    reserves: false,
    ...given,
  };
}

interface WorldParts {
  readonly rooms?: readonly NodeRoom[];
  readonly slots?: readonly EnforcedSlot[];
  readonly workloads?: Readonly<Record<string, { readonly name: string; readonly appUid: string }>>;
  /** What the app waits for, in the words of its status. */
  readonly waiting?: Pick<NonNullable<ReturnType<AdmissionWorld['app']>>, 'reason' | 'message'>;
  readonly apps?: readonly string[];
  /** For every member. */
  readonly standIn?: ReturnType<AdmissionWorld['standIn']>;
}

/** Rooms by name, beside what is looked up by key. A ledger made with it is counted in its rooms. */
export interface TestWorld extends AdmissionWorld, Promises {
  candidates(names: readonly string[]): Candidates;
}

/** Nodes n1, n2, n3 and the app `es`, with the given slots. */
export function admissionWorld(parts: WorldParts = {}): TestWorld {
  const given = parts.rooms ?? ['n1', 'n2', 'n3'].map((name) => nodeRoom(name));
  const entries = new Map(given.map(({ name }, entry) => [name, entry]));
  const rooms = new RoomColumns();
  for (const [entry, room] of given.entries()) rooms.set(entry, room);
  const slots = new Map((parts.slots ?? []).map((slot) => [memberKey(slot.app.uid, slot.member), slot]));
  const workloads = parts.workloads ?? { 'set-es': { name: 'es', appUid: APP.uid } };
  return {
    room: (node) => rooms.room(entries.get(node) ?? -1, node),
    promise: (nodes, requests, change) =>
      rooms.promise(
        nodes.map((node) => entries.get(node) ?? -1),
        requests,
        change,
      ),
    promised: (node, resource) => rooms.promised(entries.get(node) ?? -1, resource),
    candidates: (names) => ({
      rooms,
      has: (node) => names.includes(node),
      entries: () => Int32Array.from(names, (name) => entries.get(name) ?? -1),
      name: (position) => names[position] ?? '',
    }),
    slot: (appUid, member) => slots.get(memberKey(appUid, member)),
    standIn: () => parts.standIn,
    workload: (uid) => workloads[uid],
    app: (uid) =>
      (parts.apps ?? [APP.uid]).includes(uid)
        ? { ref: APP, ...(parts.waiting ?? { reason: undefined, message: '' }) }
        : undefined,
  };
}
