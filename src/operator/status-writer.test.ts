import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeObject } from '../kube/kube-object.ts';
import { StatusWriter } from './status-writer.ts';

interface Status {
  readonly ready: string;
  readonly members: readonly { readonly name: string }[];
}

const app = (status?: Status, uid = 'u1', resourceVersion = '5') => ({
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  metadata: { name: 'db', namespace: 'shop', uid, resourceVersion },
  status,
});
const parse = (raw: unknown) => raw as { status: Status };
const status = (ready: string, ...members: string[]): Status => ({ ready, members: members.map((name) => ({ name })) });

describe('writing status', () => {
  let sent: KubeObject[];
  let answerWith: Status | undefined;
  let statuses: StatusWriter;

  beforeEach(() => {
    sent = [];
    answerWith = undefined;
    const applyStatus = async (object: KubeObject) => {
      sent.push(object);
      const metadata = { ...object.metadata, resourceVersion: '7' };
      return { ...object, metadata, status: answerWith ?? object['status'] };
    };
    statuses = new StatusWriter({ applyStatus }, { skipped: () => undefined });
  });

  test('nothing new is not written, in whatever order it comes', async () => {
    expect(await statuses.write(app(status('1/1', 'db-0', 'db-1')), status('1/1', 'db-1', 'db-0'), parse)).toBe(false);
    expect(sent).toEqual([]);
  });

  test('what is new goes to this very object', async () => {
    expect(await statuses.write(app(status('0/1')), status('1/1'), parse)).toBe(true);
    expect(sent[0]).toMatchObject({ metadata: { name: 'db', namespace: 'shop', uid: 'u1' }, status: { ready: '1/1' } });
  });

  test('the same is not sent again while the cache shows the old one', async () => {
    await statuses.write(app(status('0/1')), status('1/1'), parse);
    expect(statuses.latest(app(status('0/1'))).status).toEqual(status('1/1'));
    expect(await statuses.write(app(status('0/1')), status('1/1'), parse)).toBe(false);
    expect(await statuses.write(app(status('0/1')), status('0/1'), parse)).toBe(true);
  });

  test('what somebody else overwrote is put right', async () => {
    await statuses.write(app(status('0/1')), status('1/1'), parse);
    expect(await statuses.write(app(status('9/9'), 'u1', '8'), status('1/1'), parse)).toBe(true);
  });

  test('what the API server keeps otherwise is not sent for ever', async () => {
    answerWith = status('one');
    await statuses.write(app(status('0/1')), status('1/1'), parse);
    expect(await statuses.write(app(status('one'), 'u1', '7'), status('1/1'), parse)).toBe(false);
    expect(await statuses.write(app(status('one'), 'u1', '7'), status('2/2'), parse)).toBe(true);
  });

  test('a new object of the same name starts anew', async () => {
    await statuses.write(app(status('0/1')), status('1/1'), parse);
    expect(await statuses.write(app(status('0/1'), 'u2'), status('1/1'), parse)).toBe(true);
  });
});
