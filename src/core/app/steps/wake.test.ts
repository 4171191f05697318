import { describe, expect, test } from '@jest/globals';
import { NOW, facts, node, pendingPod, pod, reservation, slot } from '../../../../test/support/app-builders.ts';
import type { AppFacts } from '../facts.ts';
import type { KubeObject } from '../plan.ts';
import { formatTime } from '../rfc3339.ts';
import { understand } from '../understand.ts';
import { wake } from './wake.ts';

const STS: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: {
    name: 'db',
    uid: 'sts-1',
    ownerReferences: [{ kind: 'PersistentApp', name: 'db', uid: 'app-1', controller: true }],
  },
};
const SLOT = slot({ acceptedAt: formatTime(NOW - 2) });
const REFUSED = pendingPod({ problem: 'Unschedulable: no slot yet', createdAtSeconds: NOW - 60 });
const VALUE = `n1/1/${formatTime(NOW - 2)}/1`;

const answer = (parts: Partial<AppFacts>, now = NOW) =>
  wake.run({
    situation: understand(
      facts({ statefulSet: STS, pods: [REFUSED], reservation: reservation([SLOT]), ...parts }),
      now,
    ),
    slots: [],
    demand: undefined,
    unfinished: new Set(),
  });

describe('a pod that was refused', () => {
  test('is touched when its slot is usable, once', () => {
    expect(answer({})).toMatchObject({
      state: 'do',
      actions: [
        {
          kind: 'mark',
          target: { kind: 'Pod', name: 'db-0', uid: 'uid-db-0' },
          annotations: { 'proffer.dev/wake': VALUE },
        },
      ],
    });
    expect(answer({ pods: [{ ...REFUSED, annotations: { 'proffer.dev/wake': VALUE } }] })).toEqual({
      state: 'done',
      wakeAtSeconds: NOW + 3,
    });
  });

  test('is touched twice more while it is still refused, and never again', () => {
    const touched = { ...REFUSED, annotations: { 'proffer.dev/wake': VALUE } };
    expect(answer({ pods: [touched] }, NOW + 3)).toMatchObject({ state: 'do', wakeAtSeconds: NOW + 28 });
    const last = { ...REFUSED, annotations: { 'proffer.dev/wake': VALUE.replace(/1$/, '3') } };
    expect(answer({ pods: [last] }, NOW + 10_000)).toEqual({ state: 'done' });
  });

  test.each<[string, Partial<AppFacts>]>([
    ['was not refused', { pods: [pendingPod()] }],
    ['is bound', { pods: [pod({ problem: 'ContainerCreating' })] }],
    ['is being deleted', { pods: [{ ...REFUSED, deleting: true }] }],
    ['has no slot', { reservation: reservation([]) }],
    ['has a slot that is not committed', { reservation: reservation([{ ...SLOT, state: 'Proposed' }]) }],
    ['has a slot on a cordoned node', { nodes: new Map([['n1', node('n1', { unschedulable: true })]]) }],
    ['has a slot on a node that is down', { nodes: new Map([['n1', node('n1', { ready: false })]]) }],
  ])('is not touched when it %s', (_what, parts) => {
    expect(answer(parts)).toEqual({ state: 'done' });
  });
});
