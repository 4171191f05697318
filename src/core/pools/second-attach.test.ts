import { describe, expect, test } from '@jest/globals';
import type { AttachmentFacts, VolumeFacts } from '../facts/storage-facts.ts';
import { secondAttach } from './second-attach.ts';

const attached = (nodeName: string, parts: Partial<AttachmentFacts> = {}): AttachmentFacts => ({
  uid: `uid-${nodeName}`,
  name: `csi-${nodeName}`,
  driver: 'csi',
  nodeName,
  volumeName: 'pv-1',
  attached: true,
  ...parts,
});

const volume = (parts: Partial<VolumeFacts> = {}): VolumeFacts => ({
  uid: 'uid-pv-1',
  name: 'pv-1',
  storageClassName: 'fast',
  driver: 'csi',
  volumeHandle: '1',
  bytes: 1,
  claim: undefined,
  reclaimPolicy: 'Retain',
  nodeTerms: undefined,
  phase: 'Bound',
  ...parts,
});

describe('a volume that only one node may have', () => {
  test('is found out on two nodes at once', () => {
    expect(secondAttach([attached('n2'), attached('n1')], () => volume(), 'fast')).toBe(
      'volume pv-1 was attached to n1 and n2 at once',
    );
  });

  test.each<[string, readonly AttachmentFacts[], VolumeFacts | undefined]>([
    ['on one node', [attached('n1')], volume()],
    ['that is on its way to a second node', [attached('n1'), attached('n2', { attached: false })], volume()],
    ['that is being taken from the first', [attached('n1', { deleting: true }), attached('n2')], volume()],
    ['that is meant to be shared', [attached('n1'), attached('n2')], volume({ isShared: true })],
    ['of another class', [attached('n1'), attached('n2')], volume({ storageClassName: 'slow' })],
    ['that nobody knows', [attached('n1'), attached('n2')], undefined],
  ])('%s says nothing', (_which, attachments, found) => {
    expect(secondAttach(attachments, () => found, 'fast')).toBeUndefined();
  });
});
