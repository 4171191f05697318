import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  GI,
  capacityFacts,
  claimFacts,
  demand,
  memberDemand,
  nodeFacts,
  storageClassFacts,
  tenant,
  viewOf,
  volumeDemand,
} from '../../test/support/core-builders.ts';
import { ManualClock } from '../../test/support/hostile-clock.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { LABEL_APP_UID } from '../api/labels.ts';
import { AllocatorMemory } from '../core/allocator/allocator-memory.ts';
import { formatTime } from '../core/app/rfc3339.ts';
import type { ClaimFacts } from '../core/facts/storage-facts.ts';
import { FIRST_WAIT_SECONDS } from '../core/volumes/failed-making.ts';
import { silentLog } from '../kube/log.ts';
import type { Stores } from './caches.ts';
import { ProvisioningWatch } from './provisioning-watch.ts';

const OURS = { labels: { [LABEL_APP_UID]: 'app-1' } };
/** A node is looked at again a moment after its time. */
const WAIT = FIRST_WAIT_SECONDS + 1;

let clock: ManualClock;
let stores: Stores;
let watch: ProvisioningWatch;
let ask: (bytes?: number) => string;
let nudges: number;

beforeEach(() => {
  clock = new ManualClock();
  stores = emptyStores();
  nudges = 0;
  const view = viewOf(nodeFacts('n1'));
  view.setStorageClass(storageClassFacts());
  view.setCapacity(capacityFacts('c'));
  stores.claims.onChange((_key, next) => next && view.setClaim(next));
  watch = new ProvisioningWatch({ stores, view, clock, log: silentLog, nudge: () => (nudges += 1) });
  const memory = new AllocatorMemory(view);
  const tenants = [tenant()];
  ask = (bytes = 10 * GI) => {
    const member = memberDemand('es', 0, { volumes: [volumeDemand('data-es-0', { bytes })] });
    const [answer] = memory.allocate(tenants, [demand('es', { members: [member] })], clock.epochSeconds());
    return answer?.kind === 'decline' ? `${answer.reason}: ${answer.message}` : (answer?.kind ?? 'nothing');
  };
});

/** The provisioner gives up to make the claim's volume for n1. */
function fail(name = 'data-db-0', parts: Partial<ClaimFacts> = OURS): ClaimFacts {
  const claim = claimFacts(name, parts);
  stores.claims.set(`shop/${name}`, { ...claim, selectedNode: 'n1' });
  stores.claims.set(`shop/${name}`, claim);
  return claim;
}

function say(message: string): void {
  const [namespace, name, uid] = ['shop', 'data-db-0', 'uid-data-db-0'];
  const lastSeconds = Math.floor(clock.epochSeconds());
  const [kind, reason] = ['PersistentVolumeClaim', 'ProvisioningFailed'] as const;
  stores.volumeEvents.set(`shop/${message}`, { namespace, kind, name, uid, reason, message, lastSeconds });
}

describe('a node for which no volume could be made', () => {
  test('is left out, with what was said; whoever waits for it gets it when the time is over', async () => {
    expect(ask()).toBe('accept');
    const [at, until] = [0, FIRST_WAIT_SECONDS].map((seconds) => formatTime(clock.epochSeconds() + seconds));
    const refusal = `the driver could not make a volume of 10Gi of class fast for node n1 at ${at} (tried again at ${until})`;
    fail();
    expect(ask()).toBe(`ProvisioningFailed: 0 of 1 nodes fit: 1 ProvisioningFailed (n1: ${refusal})`);
    say('rpc error: code = ResourceExhausted desc = no space');
    const said = ': rpc error: code = ResourceExhausted desc = no space';
    expect(ask()).toContain(refusal + said);
    await clock.advance(FIRST_WAIT_SECONDS - 1);
    expect([ask(), nudges]).toEqual([expect.stringContaining(refusal + said), 0]);
    await clock.advance(2);
    expect([ask(), nudges, clock.nextInSeconds()]).toEqual(['accept', 1, undefined]);
  });

  test('is tried with smaller volumes all the same', () => {
    fail();
    expect([ask(9 * GI), ask(10 * GI)]).toEqual(['accept', expect.stringMatching(/^ProvisioningFailed/)]);
  });

  test('is left out for twice as long when it fails again', async () => {
    fail();
    await clock.advance(WAIT);
    fail();
    await clock.advance(WAIT);
    expect(ask()).toMatch(/^ProvisioningFailed/);
    await clock.advance(FIRST_WAIT_SECONDS);
    expect(ask()).toBe('accept');
  });

  test('is used again as soon as a volume of that size was made there', () => {
    const claim = fail();
    const bound = { ...claim, phase: 'Bound', volumeName: 'pv', selectedNode: 'n1' } as const;
    stores.claims.set('shop/small', { ...bound, name: 'small', uid: 'small', bytes: GI });
    expect(ask()).toMatch(/^ProvisioningFailed/);
    stores.claims.set('shop/data-db-0', bound);
    expect([ask(), nudges]).toEqual(['accept', 1]);
  });

  test('is not left out for what claims of others say', () => {
    fail('data-0', {});
    expect(ask()).toBe('accept');
  });
});

describe('the claim that a volume could not be made for', () => {
  test('is known by its UID, with the node, until it has a volume', () => {
    const claim = fail();
    const atSeconds = clock.epochSeconds();
    const untilSeconds = atSeconds + FIRST_WAIT_SECONDS;
    expect(watch.failuresOf([claim, claimFacts('data-db-1')])).toEqual([
      { claimUid: claim.uid, node: 'n1', atSeconds, untilSeconds },
    ]);
    stores.claims.set('shop/data-db-0', { ...claim, phase: 'Bound', volumeName: 'pv' });
    expect(watch.failuresOf([claim])).toEqual([]);
  });

  test('is forgotten when it is deleted', () => {
    const claim = fail();
    stores.claims.delete('shop/data-db-0');
    expect(watch.failuresOf([claim])).toEqual([]);
  });

  test('is one of several that fail for the node before its time is over, which make it no longer', async () => {
    const first = fail();
    await clock.advance(10);
    const second = fail('data-db-1');
    const [a, b] = watch.failuresOf([first, second]);
    expect([b?.node, b?.untilSeconds, (b?.atSeconds ?? 0) - (a?.atSeconds ?? 0)]).toEqual(['n1', a?.untilSeconds, 10]);
    await clock.advance(FIRST_WAIT_SECONDS - 9);
    expect([ask(), nudges]).toEqual(['accept', 1]);
  });
});
