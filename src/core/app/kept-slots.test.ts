import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../../api/reservation.ts';
import {
  NOW,
  app,
  claim,
  DATA,
  facts,
  node,
  pendingPod,
  pod,
  reservation,
  slot,
} from '../../../test/support/app-builders.ts';
import type { NodeTrouble } from '../recovery/node-trouble.ts';
import type { AppFacts } from './facts.ts';
import { keptSlots } from './kept-slots.ts';
import type { KubeObject } from './plan.ts';
import { formatTime } from './rfc3339.ts';
import { understand } from './understand.ts';

const OURS: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: 'sts-1',
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
  },
};
const kept = (slots: readonly Slot[], given: Partial<AppFacts> = {}): readonly Slot[] =>
  keptSlots(understand(facts({ statefulSet: OURS, reservation: reservation(slots), ...given }), NOW));

const CLAIMED = slot({ state: 'Claimed', podUID: 'uid-db-0' });
const PINNED = slot({
  volumes: [{ claim: 'data-db-0', pool: 'local', storageClassName: 'fast', bytes: 1, pinned: true }],
});
const END = formatTime(NOW + 600);
const SUSPENDED = app({ spec: { suspend: true } });

const MOVING = slot({ state: 'Moving', podUID: '' });

/** Its node n1 is in trouble, and its object is gone unless it has a UID. */
function lost(parts: Partial<NodeTrouble>): Partial<AppFacts> {
  const silentSeconds = parts.uid === undefined ? 40 : 0;
  const trouble: NodeTrouble = {
    name: 'n1',
    uid: '',
    silentSeconds,
    renewedAt: '',
    ready: false,
    outOfService: 'no',
    instance: 'unknown',
    wholeNodeProblem: '',
    ...parts,
  };
  const nodes = new Map(trouble.uid === '' ? [] : [['n1', node('n1', { ready: false })] as const]);
  const recovery = {
    trouble: new Map([['n1', trouble]]),
    breakerProblem: undefined,
    exclusiveVolumes: new Set<string>(),
    attachments: [],
  };
  return { nodes, recovery };
}

describe('a slot', () => {
  test.each<[string, Slot, Partial<AppFacts>, Partial<Slot> | undefined]>([
    ['is claimed by its pod once that is bound', slot({ holdUntil: END }), { pods: [pod()] }, CLAIMED],
    ['is not claimed by a pod that is not bound', slot(), { pods: [pendingPod()] }, slot()],
    ['stays claimed while its pod stops', CLAIMED, { pods: [pod({ deleting: true, ready: false })] }, CLAIMED],
    ['is held for holdSeconds when its pod is gone', CLAIMED, {}, slot({ holdUntil: END })],
    ['stays claimed when pod and node are gone and nothing proves that the machine is off', CLAIMED, lost({}), CLAIMED],
    [
      'stays claimed when its pod was removed from a silent node',
      CLAIMED,
      lost({ uid: 'n', silentSeconds: 40 }),
      CLAIMED,
    ],
    [
      'is held when its pod ended on a node whose kubelet answers',
      CLAIMED,
      lost({ uid: 'n' }),
      slot({ holdUntil: END }),
    ],
    [
      'is given back when the machine of its node is known to be gone',
      CLAIMED,
      lost({ instance: 'terminated' }),
      MOVING,
    ],
    ['is held when its pod has finished', CLAIMED, { pods: [pod({ phase: 'Failed' })] }, slot({ holdUntil: END })],
    ['is held without end where a volume is pinned', { ...PINNED, state: 'Claimed', podUID: 'x' }, {}, PINNED],
    [
      'is kept until its time is up',
      slot({ holdUntil: formatTime(NOW + 1) }),
      {},
      slot({ holdUntil: formatTime(NOW + 1) }),
    ],
    ['is released when its time is up', slot({ holdUntil: formatTime(NOW) }), {}, undefined],
    [
      'is kept beyond its time while a pod waits for it',
      slot({ holdUntil: formatTime(NOW) }),
      { pods: [pendingPod()] },
      slot({ holdUntil: formatTime(NOW) }),
    ],
    [
      'is released when its time is up and its node is down',
      slot({ holdUntil: formatTime(NOW) }),
      { pods: [pendingPod()], nodes: new Map([['n1', node('n1', { ready: false })]]) },
      undefined,
    ],
    ['is released when its node is gone', slot(), { nodes: new Map() }, undefined],
    [
      'is released when its node is cordoned',
      slot(),
      { nodes: new Map([['n1', node('n1', { unschedulable: true })]]) },
      undefined,
    ],
    ['is kept on a node that is gone when its volume is there', PINNED, { nodes: new Map() }, PINNED],
    [
      'stays where its pod runs when that node is cordoned, while another place is looked for',
      CLAIMED,
      { pods: [pod()], nodes: new Map([['n1', node('n1', { unschedulable: true })]]) },
      { ...CLAIMED, state: 'Moving' },
    ],
    [
      'is released when its node is being removed',
      slot(),
      {
        nodes: new Map([
          ['n1', node('n1', { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', value: '', effect: 'NoSchedule' }] })],
        ]),
      },
      undefined,
    ],
    ['is given back when the member is gone for good', slot({ member: 'db-3' }), {}, undefined],
    [
      'of a member that is leaving stays until its pod is gone',
      slot({ member: 'db-3', state: 'Claimed', podUID: 'uid-db-3' }),
      { pods: [pod({ name: 'db-3', deleting: true })] },
      slot({ member: 'db-3', state: 'Claimed', podUID: 'uid-db-3' }),
    ],
    [
      'that is proposed is left to whoever proposed it, even when it is of no use any more',
      slot({ state: 'Proposed', resources: {}, node: 'gone' }),
      {},
      slot({ state: 'Proposed', resources: {}, node: 'gone' }),
    ],
    ['that lost a conflict is given back', slot({ state: 'Conflicted' }), {}, undefined],
    [
      'is given back when the template asks for more',
      slot({ resources: { cpu: '500m', memory: '1Gi', pods: '1' } }),
      {},
      undefined,
    ],
    [
      'is given back when the cluster made the pod larger',
      slot(),
      { pods: [pendingPod({ requests: { cpu: 2000, memory: 2 ** 30, pods: 1 } })] },
      undefined,
    ],
    [
      'follows the size of its pod',
      slot(),
      { pods: [pod({ requests: { cpu: 500, memory: 2 ** 30, pods: 1 } })] },
      { ...CLAIMED, resources: { cpu: '500m', memory: '1Gi', pods: '1' } },
    ],
    [
      'keeps amounts that are only written differently',
      { ...CLAIMED, resources: { cpu: '1000m', memory: '1024Mi', pods: '1' } },
      { pods: [pod()] },
      { ...CLAIMED, resources: { cpu: '1000m', memory: '1024Mi', pods: '1' } },
    ],
    [
      'is given back when the member may not use its old volume',
      slot(),
      { app: app({ spec: { volumeClaims: [DATA] } }), claims: [claim({ labels: {} })] },
      undefined,
    ],
  ])('%s', (_what, given, parts, wanted) => {
    expect(kept([given], parts)).toEqual(wanted === undefined ? [] : [wanted]);
  });

  test('goes where its pod runs: the pod is the truth', () => {
    expect(kept([slot()], { pods: [pod({ nodeName: 'n2' })] })).toMatchObject([
      { member: 'db-0', node: 'n2', zone: 'a', state: 'Claimed', podUID: 'uid-db-0', epoch: 1 },
    ]);
  });

  test('is made for a pod that runs without one', () => {
    expect(kept([], { pods: [pod()] })).toMatchObject([
      { member: 'db-0', node: 'n1', state: 'Claimed', resources: { cpu: '1', memory: '1Gi', pods: '1' } },
    ]);
  });

  test('of the deleted app of this name is not ours', () => {
    expect(kept([], { reservation: reservation([slot()], 'app-0') })).toEqual([]);
  });

  test('stays claimed by a pod whose StatefulSet was deleted and left it behind', () => {
    expect(kept([CLAIMED], { statefulSet: undefined, pods: [pod({ owner: undefined })] })).toEqual([CLAIMED]);
  });
});

describe('the slots of a suspended app', () => {
  test('are held for holdSeconds from when they are seen, and free then', () => {
    expect(kept([slot()], { app: SUSPENDED })).toEqual([slot({ holdUntil: END })]);
    expect(kept([slot({ holdUntil: formatTime(NOW) })], { app: SUSPENDED })).toEqual([]);
  });

  test('keep the place of a pinned volume, and give back the rest', () => {
    expect(kept([{ ...PINNED, holdUntil: formatTime(NOW) }], { app: SUSPENDED })).toEqual([
      { ...PINNED, resources: {} },
    ]);
    expect(kept([{ ...PINNED, resources: {} }], { app: SUSPENDED })).toEqual([{ ...PINNED, resources: {} }]);
  });
});
