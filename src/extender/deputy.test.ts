import { beforeEach, describe, expect, test } from '@jest/globals';
import { app, node, reservation, slot } from '../../test/support/app-builders.ts';
import { memberKey } from '../core/admission/admission-world.ts';
import type { StandIn } from '../core/admission/stand-in.ts';
import { ClusterView } from '../core/view/cluster-view.ts';
import type { Clock } from '../kube/clock.ts';
import { errorFromStatus } from '../kube/errors.ts';
import type { KubeRequest } from '../kube/kube-client.ts';
import { Deputy } from './deputy.ts';
import type { LostApp } from './watched-world.ts';

const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/proffer-system/leases/proffer-operator';
const KEY = memberKey('app-1', 'db-0');

describe('the deputy', () => {
  let now: number;
  let version: string;
  let asked: string[];
  let lost: readonly LostApp[];
  let standIns: ReadonlyMap<string, StandIn>;
  let warnings: string[];
  let live: unknown;
  let failure: number | undefined;
  let deputy: Deputy;

  beforeEach(() => {
    [now, version, asked, standIns, warnings, live, failure] = [0, '1', [], new Map(), [], app(), undefined];
    const view = new ClusterView();
    view.setNode(node('n1'));
    view.setReservation(reservation([slot({ member: 'db-0', node: 'gone', state: 'Held' })]));
    const held = view.slotOf('app-1', 'db-0');
    lost = held === undefined ? [] : [{ lost: [held], launched: 3, placed: [] }];
    const clock: Clock = { epochSeconds: () => now, monotonicSeconds: () => now, after: () => () => undefined };
    deputy = new Deputy({
      client: { request: (request) => answer(request) as Promise<never> },
      world: { view, lostApps: () => lost, setStandIns: (next) => (standIns = next) },
      lease: { namespace: 'proffer-system', name: 'proffer-operator' },
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: (_fields, message) => warnings.push(message),
        error: () => undefined,
      },
      clock,
    });
  });

  async function answer({ path }: KubeRequest): Promise<unknown> {
    asked.push(path);
    if (failure !== undefined) throw errorFromStatus({ message: 'no' }, failure);
    if (path === LEASE_PATH) return { metadata: { resourceVersion: version } };
    if (path.endsWith('/frameworks')) return { items: null };
    return live;
  }

  /** Looks every five seconds; each letter is what the Lease says then. */
  async function watch(leases: string): Promise<void> {
    for (const each of leases) {
      version = each;
      await deputy.look();
      now += 5;
    }
    now -= 5;
  }

  test('reads nothing but the Lease while the operator renews it', async () => {
    await watch('abcdefghijkl');
    expect(new Set(asked)).toEqual(new Set([LEASE_PATH]));
    expect([deputy.operatorAway, standIns.size]).toEqual([false, 0]);
  });

  test('finds another node for a member when the operator is away, until it is back', async () => {
    await watch('aaaaaaa');
    expect([deputy.operatorAway, standIns.get(KEY)]).toEqual([true, { nodes: ['n1'], message: '' }]);
    await watch('b');
    expect([deputy.operatorAway, standIns.size]).toEqual([false, 0]);
  });

  test('says why a member must wait', async () => {
    live = app({ spec: { suspend: true } });
    await watch('aaaaaaa');
    expect(standIns.get(KEY)).toEqual({ nodes: [], message: 'its app is suspended' });
  });

  test('does nothing for an app that is another now', async () => {
    live = app({ metadata: { uid: 'app-2' } });
    await watch('aaaaaaa');
    expect(standIns.size).toBe(0);
  });

  test('asks for nothing more while no member lost its node', async () => {
    lost = [];
    await watch('aaaaaaaa');
    expect([deputy.operatorAway, new Set(asked).size]).toEqual([true, 1]);
  });

  test('takes back what it said when nobody answers for some time', async () => {
    await watch('aaaaaaa');
    failure = 503;
    await watch('aaaa');
    expect([deputy.operatorAway, standIns.size, warnings.length]).toEqual([false, 0, 4]);
  });

  test('knows nothing where there is no Lease', async () => {
    failure = 404;
    await watch('aaaaaaaaa');
    expect([deputy.operatorAway, warnings]).toEqual([false, []]);
  });

  test('says once that it may not read the Lease', async () => {
    failure = 403;
    await watch('aaa');
    expect(warnings).toEqual([
      expect.stringMatching(/allow the scheduler to get the Lease proffer-system\/proffer-operator/),
    ]);
  });
});
