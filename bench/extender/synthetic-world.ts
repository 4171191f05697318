import { freeShare, memberKey, type EnforcedSlot, type NodeRoom } from '../../src/core/admission/admission-world.ts';
import type { WorldChange } from '../../src/extender/cache-message.ts';

// A large cluster: 5,000 nodes, 1,000 apps of three members each, most of them running, some nodes full. Deterministic.

export const NODES = 5000;
const APPS = 1000;
const MEMBERS = 3;
const GIB = 2 ** 30;

/** As a cloud names them. */
export function nodeName(index: number): string {
  return `ip-10-0-${100 + (index >> 7)}-${100 + (index & 127)}.eu-central-1.compute.internal`.padStart(44, 'x');
}

export function allNodeNames(): readonly string[] {
  return Array.from({ length: NODES }, (_none, index) => nodeName(index));
}

/** Everything, in messages of the size that the cache worker sends. */
export function worldChanges(): readonly WorldChange[] {
  const changes: WorldChange[] = [];
  for (let first = 0; first < NODES; first += 500) {
    changes.push({
      ...EMPTY,
      rooms: Array.from({ length: 500 }, (_none, index) => [nodeName(first + index), room(first + index)]),
    });
  }
  for (let app = 0; app < APPS; app += 1) changes.push(appChange(app));
  return changes;
}

/** What a busy second brings: `count` nodes whose pods changed, beginning at `from`. */
export function roomChange(from: number, count: number): WorldChange {
  return {
    ...EMPTY,
    rooms: Array.from({ length: count }, (_none, index) => [
      nodeName((from + index) % NODES),
      room((from + index) % NODES),
    ]),
  };
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

const EMPTY: WorldChange = { rooms: [], slots: [], workloads: [], apps: [], settledPods: [], bindingPods: [] };

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

/** Every second node holds room for members; a tenth of those holds so much that nothing else fits. */
function room(index: number): NodeRoom {
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
    allocatable,
    free,
    freeShare: freeShare(free, allocatable),
    reserves: index % 2 === 0,
  };
}

function appChange(app: number): WorldChange {
  const ref = { namespace: 'default', name: `app-${app}`, uid: `uid-of-app-${app}` };
  // The last hundred apps still wait for a place.
  const members = app >= APPS - 100 ? 0 : MEMBERS;
  const slots = Array.from({ length: members }, (_none, ordinal): EnforcedSlot => {
    const resources = { cpu: 2000, memory: 4 * GIB, pods: 1 };
    return {
      app: ref,
      member: `app-${app}-${ordinal}`,
      node: nodeName((app * 5 + ordinal * 1667) % NODES),
      resources,
      standing: 'honoured',
      holder: '',
    };
  });
  const message = '0 of 5000 nodes fit: 4200 have too little memory, 800 lack room in pool fast';
  return {
    ...EMPTY,
    slots: slots.map((slot) => [memberKey(ref.uid, slot.member), slot]),
    workloads: [[`set-${app}`, { name: ref.name, appUid: ref.uid }]],
    apps: [[ref.uid, { ref, reason: 'InsufficientMemory', message }]],
  };
}
