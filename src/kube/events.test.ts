import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HostileApi } from '../../test/support/hostile-api.ts';
import { ManualClock, fastClock } from '../../test/support/hostile-clock.ts';
import { HostileServer, failure, silence } from '../../test/support/hostile-server.ts';
import { GivenConnection } from './connection.ts';
import { buildEvent, cutToBytes, eventName, type EventText, type ObjectReference } from './event-object.ts';
import { EventRecorder, type EventRecorderOptions } from './events.ts';
import { HttpKubeClient } from './http-client.ts';

const COLLECTION = '/apis/events.k8s.io/v1/namespaces/a/events';
const APP: ObjectReference = {
  apiVersion: 'proffer.dev/v1alpha1',
  kind: 'PersistentApp',
  namespace: 'a',
  name: 'es',
  uid: 'u1',
};
const NODE: ObjectReference = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u2' };
const text = (message = '3 of 3 members have slots'): EventText => ({ type: 'Normal', reason: 'Reserved', message });

let server: HostileServer;
let api: HostileApi;
let client: HttpKubeClient;

beforeEach(async () => {
  server = await new HostileServer().start();
  api = new HostileApi();
  server.otherwise(api.reply);
  client = new HttpKubeClient({ connection: new GivenConnection(server.url), userAgent: 'proffer/test' });
});

afterEach(async () => {
  client.close();
  await server.stop();
});

const recorderOf = (options: Partial<EventRecorderOptions> = {}) =>
  new EventRecorder({
    client,
    controller: 'proffer.dev/operator',
    instance: 'pod-1',
    clock: fastClock(100),
    random: () => 0,
    ...options,
  });

describe('an event', () => {
  test('is sent as events.k8s.io/v1 about its object', async () => {
    const recorder = recorderOf();
    recorder.record(APP, text());
    await recorder.flush(500);
    const [event] = api.list(COLLECTION);
    expect(event).toMatchObject({
      type: 'Normal',
      reason: 'Reserved',
      action: 'Reconcile',
      note: '3 of 3 members have slots',
      regarding: APP,
      reportingController: 'proffer.dev/operator',
      reportingInstance: 'pod-1',
    });
    expect(event?.['eventTime']).toMatch(/\.\d{6}Z$/);
  });

  test('about a cluster-scoped object lives in the default namespace', async () => {
    const recorder = recorderOf();
    recorder.record(NODE, text());
    await recorder.flush(500);
    expect(api.list('/apis/events.k8s.io/v1/namespaces/default/events').length).toBe(1);
  });

  test('said again is counted on the first, at the 2nd, 4th and 8th time', async () => {
    const recorder = recorderOf({ clock: new ManualClock() });
    for (let time = 1; time <= 9; time += 1) recorder.record(APP, text());
    await recorder.flush(500);
    expect(server.received.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
    expect(api.list(COLLECTION)).toMatchObject([{ series: { count: 8 } }]);
    expect(recorder.counters).toEqual({ recorded: 9, repeated: 8, sent: 4, dropped: 0 });
  });

  test('said again in a later window is a new one', async () => {
    const clock = new ManualClock();
    const recorder = recorderOf({ clock });
    recorder.record(APP, text());
    await clock.advance(601);
    recorder.record(APP, text());
    await recorder.flush(500);
    expect(api.list(COLLECTION).length).toBe(2);
  });

  test('with another message or about another object is another one', async () => {
    const recorder = recorderOf();
    recorder.record(APP, text());
    recorder.record(APP, text('other'));
    recorder.record({ ...APP, uid: 'u9' }, text());
    await recorder.flush(500);
    expect(api.list(COLLECTION).length).toBe(3);
  });

  test('whose reply was lost is not doubled, nor after a restart', async () => {
    const clock = fastClock(100);
    api.repliesToLose = 1;
    for (const recorder of [recorderOf({ clock }), recorderOf({ clock })]) {
      recorder.record(APP, text());
      await recorder.flush(500);
      expect(recorder.counters).toMatchObject({ sent: 1, dropped: 0 });
    }
    expect(api.list(COLLECTION).length).toBe(1);
  });
});

describe('recording', () => {
  test('never waits and never throws, whatever the API server does', async () => {
    server.otherwise(failure(500, 'InternalError'));
    const recorder = recorderOf();
    recorder.record(APP, text());
    await recorder.flush(5000);
    expect(recorder.counters).toMatchObject({ sent: 0, dropped: 1 });
    expect(server.received.length).toBe(4);
  });

  test('gives up at once what the API server refuses', async () => {
    server.otherwise(failure(403, 'Forbidden'));
    const recorder = recorderOf();
    recorder.record(APP, text());
    await recorder.flush(500);
    expect(server.received.length).toBe(1);
  });

  test('waits as long as the server asks when throttled', async () => {
    server.script(failure(429, 'TooManyRequests', 'slow down', {}, { 'retry-after': '3' }));
    const recorder = recorderOf();
    recorder.record(APP, text());
    await recorder.flush(500);
    expect(recorder.counters).toMatchObject({ sent: 1 });
  });

  test('holds no more than its limit', async () => {
    const recorder = recorderOf({ queueLimit: 2 });
    for (const message of ['1', '2', '3', '4', '5']) recorder.record(APP, text(message));
    await recorder.flush(500);
    expect(recorder.counters).toMatchObject({ recorded: 5, sent: 3, dropped: 2 });
  });

  test('is flushed in bounded time', async () => {
    server.otherwise(silence);
    const recorder = recorderOf();
    recorder.record(APP, text('1'));
    recorder.record(APP, text('2'));
    await recorder.flush(2);
    expect(recorder.counters).toMatchObject({ sent: 0, dropped: 2 });
  });
});

describe('the parts of an event', () => {
  test('fit the limits of the API', () => {
    const long = {
      type: 'Warning',
      reason: 'R'.repeat(200),
      message: 'ž'.repeat(1000),
      action: 'A'.repeat(200),
    } as const;
    const event = buildEvent('x', APP, long, { controller: 'c', instance: 'i'.repeat(200) }, 0);
    expect(Buffer.byteLength(String(event['note']))).toBeLessThanOrEqual(1024);
    for (const field of ['reason', 'action', 'reportingInstance']) expect(String(event[field]).length).toBe(128);
  });

  test('a long message is cut between characters, and shows it', () => {
    expect([cutToBytes('žžž', 6), cutToBytes('žžžž', 7), cutToBytes('abc', 3)]).toEqual(['žžž', 'žž…', 'abc']);
  });

  test('its name is a valid one, however long or odd that of the object', () => {
    const name = eventName({ ...APP, name: `${'a'.repeat(199)}.b` }, text(), 1);
    expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    expect(name.length).toBeLessThanOrEqual(253);
  });
});
