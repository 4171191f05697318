import { freeShare, memberKey, type EnforcedSlot, type NodeRoom } from '../../src/core/admission/admission-world.ts';
import type { WorldChange } from '../../src/extender/cache-message.ts';
import { NO_CHANGE } from '../../src/extender/cut-change.ts';

// A large cluster of 5,000 nodes, some of them full. Deterministic.

export const NODES = 5000;
const GIB = 2 ** 30;

/** What differs from one measured cluster to the next. */
export interface Scene {
  readonly apps: number;
  /** So many apps at the end of the row still wait for a place. */
  readonly waitingApps: number;
  readonly members: number;
  /** Slots hold room on every n-th node. */
  readonly heldEvery: number;
  /** How many pods were let through and not seen bound: members first, then others, which count on a hundred nodes each. */
  readonly promisedMembers: number;
  readonly promisedOthers: number;
}

export const SCENES = {
  ordinary: {
    apps: 1000,
    waitingApps: 100,
    members: 3,
    heldEvery: 2,
    promisedMembers: 0,
    promisedOthers: 0,
  },
  'full ledgers': {
    apps: 500,
    waitingApps: 0,
    members: 4,
    heldEvery: 1,
    promisedMembers: 1500,
    promisedOthers: 100,
  },
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof SCENES;

/** As a cloud names them. */
export function nodeName(index: number): string {
  return `ip-10-0-${100 + (index >> 7)}-${100 + (index & 127)}.eu-central-1.compute.internal`.padStart(44, 'x');
}

/**
 * All names, in an order that differs from request to request, as kube-scheduler's does: it begins where it ended last time, and
 * sixteen threads collect what fits.
 */
export function allNodeNames(order: number): readonly string[] {
  const stride = STRIDES[order % STRIDES.length] ?? 1;
  return Array.from({ length: NODES }, (_none, index) => nodeName((order * 617 + index * stride) % NODES));
}

/** Of orders that are told apart. */
export const ORDERS = 8;

/** Without a divisor in common with NODES. */
const STRIDES = [1, 313, 1249, 7, 2003, 11, 947, 3];

/** Everything, in messages of the size that the cache worker sends. */
export function worldChanges(scene: Scene): readonly WorldChange[] {
  const changes: WorldChange[] = [];
  for (let first = 0; first < NODES; first += 500) {
    changes.push({
      ...NO_CHANGE,
      rooms: Array.from({ length: 500 }, (_none, index) => [nodeName(first + index), room(first + index, scene)]),
    });
  }
  for (let app = 0; app < scene.apps; app += 1) changes.push(appChange(app, scene));
  return changes;
}

/** What a busy second brings: `count` nodes whose pods changed, beginning at `from`. */
export function roomChange(from: number, count: number, scene: Scene): WorldChange {
  return {
    ...NO_CHANGE,
    rooms: Array.from({ length: count }, (_none, index) => [
      nodeName((from + index) % NODES),
      room((from + index) % NODES, scene),
    ]),
  };
}

/** Where the slot of a member is. */
export function slotNode(app: number, ordinal: number): string {
  return nodeName((app * 5 + ordinal * 1667) % NODES);
}

/** A pod as kube-scheduler sends it, defaulted and with managed fields: member `ordinal` of app `app`, or nobody's with `app` undefined. */
export function rawPod(app: number | undefined, ordinal: number): object {
  const owner =
    app === undefined
      ? []
      : [
          {
            apiVersion: 'apps/v1',
            kind: 'StatefulSet',
            name: `app-${app}`,
            uid: `set-${app}`,
            controller: true,
            blockOwnerDeletion: true,
          },
        ];
  const name = app === undefined ? `web-7d9f8b6c5-${ordinal}` : `app-${app}-${ordinal}`;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      resourceVersion: '123456',
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { 'app.kubernetes.io/name': 'app', 'app.kubernetes.io/instance': `app-${app ?? 'web'}` },
      ownerReferences: owner,
      managedFields: Array.from({ length: 2 }, () => ({
        manager: 'kube-controller-manager',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsV1: MANAGED,
      })),
    },
    spec: {
      containers: [container('main', '1', '2Gi'), container('exporter', '100m', '128Mi')],
      initContainers: [container('prepare', '500m', '256Mi')],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: `data-${name}` } },
        { name: 'config', configMap: { name: 'config' } },
      ],
      schedulerName: 'proffer-scheduler',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}

const MANAGED = Object.fromEntries(
  Array.from({ length: 20 }, (_none, index) => [`f:field-${index}`, { 'f:inner': {}, 'f:other': {} }]),
);

function container(name: string, cpu: string, memory: string): object {
  const env = Array.from({ length: 10 }, (_none, index) => ({ name: `VARIABLE_${index}`, value: `value-${index}` }));
  return {
    name,
    image: `registry.example.com/team/${name}:1.2.3`,
    env,
    resources: { requests: { cpu, memory }, limits: { memory } },
  };
}

/** Where room is held, a twentieth of the nodes holds so much that nothing else fits. */
function room(index: number, { heldEvery }: Scene): NodeRoom {
  const allocatable = { cpu: 16_000, memory: 64 * GIB, 'ephemeral-storage': 100 * GIB, pods: 110 };
  const share = index % 20 === 0 ? 0.02 : 0.1 + ((index * 7919) % 80) / 100;
  const free = {
    cpu: Math.floor(16_000 * share),
    memory: Math.floor(64 * GIB * share),
    'ephemeral-storage': 50 * GIB,
    pods: 80,
  };
  return {
    name: nodeName(index),
    ready: true,
    unschedulable: false,
    free,
    freeShare: freeShare(free, allocatable),
    reserves: index % heldEvery === 0,
  };
}

function appChange(app: number, { apps, waitingApps, members }: Scene): WorldChange {
  const ref = { namespace: 'default', name: `app-${app}`, uid: `uid-of-app-${app}` };
  const slots = Array.from({ length: app >= apps - waitingApps ? 0 : members }, (_none, ordinal): EnforcedSlot => {
    const resources = { cpu: 2000, memory: 4 * GIB, pods: 1 };
    return {
      app: ref,
      member: `app-${app}-${ordinal}`,
      node: slotNode(app, ordinal),
      resources,
      standing: 'honoured',
      holder: '',
    };
  });
  const message = '0 of 5000 nodes fit: 4200 have too little memory, 800 lack room in pool fast';
  return {
    ...NO_CHANGE,
    slots: slots.map((slot) => [memberKey(ref.uid, slot.member), slot]),
    workloads: [[`set-${app}`, { name: ref.name, appUid: ref.uid }]],
    apps: [[ref.uid, { ref, reason: 'InsufficientMemory', message }]],
  };
}
