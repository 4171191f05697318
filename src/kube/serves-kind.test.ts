import { expect, test } from '@jest/globals';
import { KubeError } from './errors.ts';
import type { KubeClient } from './kube-client.ts';
import { VOLUME_SNAPSHOT_CLASS } from './resource-type.ts';
import { servesKind } from './serves-kind.ts';

const client = (request: () => Promise<unknown>) => ({ request }) as unknown as KubeClient;
const answered = (status: number) => new KubeError({ status, reason: '', message: '' });

test.each([
  ['the kind is listed', async () => ({ resources: [{ name: 'volumesnapshotclasses' }] }), true],
  ['others of the group are', async () => ({ resources: [{ name: 'volumesnapshots' }] }), false],
  ['there is no such group', () => Promise.reject(answered(404)), false],
])('a kind is served when %s', async (_, request, served) => {
  await expect(servesKind(client(request), VOLUME_SNAPSHOT_CLASS)).resolves.toBe(served);
});

test('a server that does not answer is no answer', async () => {
  await expect(
    servesKind(
      client(() => Promise.reject(answered(503))),
      VOLUME_SNAPSHOT_CLASS,
    ),
  ).rejects.toThrow(KubeError);
});
