import { describe, expect, test } from '@jest/globals';
import { SafetyRules, type Raw } from './safety-rules.ts';

const labels = { 'proffer.dev/app': 'etcd' };

function claim(storage: string, extra: Partial<Raw['metadata']> = {}): Raw {
  return {
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-etcd-0', namespace: 'a', uid: 'c1', labels, ...extra },
    spec: { resources: { requests: { storage } } },
  };
}

function pod(uid: string, nodeName: string, cpu = '1', phase = 'Running'): Raw {
  return {
    kind: 'Pod',
    metadata: { name: 'etcd-0', namespace: 'a', uid, labels },
    spec: { nodeName, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    status: { phase },
  };
}

const node: Raw = {
  kind: 'Node',
  metadata: { name: 'n1', uid: 'n1' },
  status: { allocatable: { cpu: '2', pods: '10' } },
};

function reservation(member: string, cpu: string): Raw {
  return {
    kind: 'Reservation',
    metadata: { name: 'etcd', namespace: 'a', uid: 'r1' },
    spec: { slots: [{ member, node: 'n1', state: 'Held', resources: { cpu } }] },
  };
}

const rulesBroken = (rules: SafetyRules, objects: readonly Raw[]): string[] =>
  objects.flatMap((object) => rules.observe({ type: 'MODIFIED', object })).map((violation) => violation.rule);

describe('the safety rules', () => {
  test('say nothing about an app that runs', () => {
    expect(rulesBroken(new SafetyRules(), [node, claim('1Gi'), pod('p1', 'n1'), reservation('etcd-0', '1')])).toEqual(
      [],
    );
  });

  test('see a claim that is being deleted, unless the test allowed it', () => {
    const going = claim('1Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(rulesBroken(new SafetyRules(), [going])).toEqual(['claims are kept']);
    const rules = new SafetyRules();
    rules.allowDelete('c1');
    expect(rulesBroken(rules, [going])).toEqual([]);
  });

  test('see a claim that shrinks', () => {
    expect(rulesBroken(new SafetyRules(), [claim('2Gi'), claim('1Gi')])).toEqual(['claims never shrink']);
  });

  test('see the volume of a claim of ours being deleted', () => {
    const volume: Raw = {
      kind: 'PersistentVolume',
      metadata: { name: 'pv1', uid: 'v1', deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec: { claimRef: { namespace: 'a', name: 'data-etcd-0' } },
    };
    expect(rulesBroken(new SafetyRules(), [claim('1Gi'), volume])).toEqual(['volumes are kept']);
  });

  test('see one member on two nodes', () => {
    expect(rulesBroken(new SafetyRules(), [pod('p1', 'n1'), pod('p2', 'n2')])).toEqual(['never two writers']);
    expect(rulesBroken(new SafetyRules(), [pod('p1', 'n1', '1', 'Failed'), pod('p2', 'n2')])).toEqual([]);
  });

  test('see a node that is promised more than it has, and charge a member once', () => {
    expect(rulesBroken(new SafetyRules(), [node, pod('p1', 'n1', '2'), reservation('etcd-0', '2')])).toEqual([]);
    expect(rulesBroken(new SafetyRules(), [node, pod('p1', 'n1', '2'), reservation('etcd-1', '1')])).toEqual([
      'never oversubscribed',
    ]);
  });
});
