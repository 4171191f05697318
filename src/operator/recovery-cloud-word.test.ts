import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeRequest } from '../kube/client.ts';
import { CloudWord } from './recovery-cloud-word.ts';

const NODE = { name: 'n1', uid: 'uid-n1' };

function event(parts: { readonly component?: string; readonly uid?: string } = {}): object {
  const { component = 'cloud-node-lifecycle-controller', uid = 'uid-n1' } = parts;
  return { reason: 'DeletingNode', source: { component }, involvedObject: { kind: 'Node', name: 'n1', uid } };
}

describe('the cloud’s word for a deleted node', () => {
  let items: object[];
  let requests: KubeRequest[];
  let news: string[];
  let now: number;
  let cloud: CloudWord;

  beforeEach(() => {
    [items, requests, news, now] = [[], [], [], 0];
    const request = <T>(sent: KubeRequest): Promise<T> => {
      requests.push(sent);
      return Promise.resolve({ items } as T);
    };
    const log = { info: () => undefined, warn: () => undefined };
    cloud = new CloudWord({
      client: { request },
      clock: { monotonicSeconds: () => now },
      log,
      onNews: (name) => news.push(name),
    });
  });

  const ask = async (): Promise<boolean> => {
    cloud.isDeletedAsGone(NODE);
    await new Promise((resolve) => setImmediate(resolve));
    return cloud.isDeletedAsGone(NODE);
  };

  test('is looked for by the UID of the node, and told once', async () => {
    items = [event()];
    expect(await ask()).toBe(true);
    expect(requests[0]?.query?.['fieldSelector']).toContain('involvedObject.uid=uid-n1,reason=DeletingNode');
    now += 1000;
    expect(await ask()).toBe(true);
    expect([requests.length, news]).toEqual([1, ['n1']]);
  });

  test('may come after the deletion', async () => {
    expect(await ask()).toBe(false);
    items = [event()];
    expect(await ask()).toBe(false);
    now += 6;
    expect(await ask()).toBe(true);
  });

  test.each([
    ['somebody else', { component: 'kubectl' }],
    ['another node of that name', { uid: 'uid-of-before' }],
  ])('is not that of %s', async (_who, parts) => {
    items = [event(parts)];
    expect(await ask()).toBe(false);
  });
});
