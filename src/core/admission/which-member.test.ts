import { describe, expect, test } from '@jest/globals';
import { APP, admissionWorld, askingPod, strangerPod } from '../../../test/support/admission-builders.ts';
import type { AskingPod } from './admission-world.ts';
import { whichMember } from './which-member.ts';

const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'es', uid: 'set-es' };

describe('a pod is a member', () => {
  test('when its StatefulSet belongs to a PersistentApp by UID and its name is that of a member', () => {
    expect(whichMember(askingPod(), admissionWorld())).toEqual({
      kind: 'member',
      member: { app: APP, member: 'es-0' },
    });
  });

  test('whatever its labels say', () => {
    expect(whichMember(askingPod({ labels: {} }), admissionWorld())).toMatchObject({ kind: 'member' });
  });
});

describe('a pod is somebody else’s', () => {
  const plain = { workloads: { 'set-db': { name: 'db', appUid: '' } } };
  test.each<[string, AskingPod]>([
    ['when nothing controls it', strangerPod()],
    ['when a ReplicaSet controls it', strangerPod({ owner: { ...owner, kind: 'ReplicaSet' } })],
    ['when its StatefulSet is nobody’s of ours', strangerPod({ owner: { ...owner, uid: 'set-db' } })],
    [
      'when its PersistentApp was deleted without its StatefulSet, labels of ours or not',
      askingPod({
        owner: { ...owner, uid: 'set-db' },
        labels: { 'proffer.dev/app': 'es', 'proffer.dev/app-uid': 'app-es' },
      }),
    ],
    [
      'when its controller only calls itself a StatefulSet',
      strangerPod({ owner: { ...owner, apiVersion: 'kruise.io/v1' } }),
    ],
  ])('%s', (_when, pod) => {
    expect(whichMember(pod, admissionWorld(plain))).toEqual({ kind: 'other' });
  });
});

describe('a pod that cannot prove what it is, is refused', () => {
  const plain = { 'set-es': { name: 'es', appUid: '' } };
  test.each<[string, AskingPod, Parameters<typeof admissionWorld>[0], RegExp]>([
    [
      'its StatefulSet is unknown',
      askingPod({ owner: { ...owner, uid: 'gone' } }),
      {},
      /StatefulSet es \(UID gone\) is not known yet/,
    ],
    ['its app is unknown', askingPod(), { apps: [] }, /PersistentApp \(UID app-es\) is not known yet/],
    [
      'it carries our label and nobody controls it',
      askingPod({ owner: undefined }),
      {},
      /no StatefulSet controls it: remove the label/,
    ],
    [
      'it carries the labels of an app that is there and nobody controls it, as while its StatefulSet is replaced',
      askingPod({ owner: undefined, labels: { 'proffer.dev/app-uid': 'app-es' } }),
      {},
      /labels of PersistentApp es, but no StatefulSet controls it: it is being replaced/,
    ],
    [
      'it carries our label under a plain StatefulSet',
      askingPod(),
      { workloads: plain },
      /no PersistentApp controls its StatefulSet/,
    ],
    ['it is named otherwise', askingPod({ name: 'es-00' }), {}, /is not named es-<ordinal>/],
    ['it lives in another namespace', askingPod({ namespace: 'other' }), {}, /lives in namespace other/],
  ])('%s', (_when, pod, world, message) => {
    const whose = whichMember(pod, admissionWorld(world));
    expect(whose).toEqual({ kind: 'unresolved', message: expect.stringMatching(message) });
  });
});
