import { describe, expect, test } from '@jest/globals';
import { GI, capacityFacts, claimFacts, nodeFacts, viewOf, volumeFacts } from '../../test/support/core-builders.ts';
import { ManualClock } from '../../test/support/hostile-clock.ts';
import { emptyStores } from '../../test/support/store-builders.ts';
import { PUBLISHED_AFTER_SECONDS } from '../core/view/late-volumes.ts';
import { ageLateCapacity } from './late-capacity.ts';

describe('a volume that what is published does not tell of', () => {
  test('is let go when its time is over, whoever waits is looked at then, and nothing happens after that', async () => {
    const { volumes, claims } = emptyStores();
    const view = viewOf(nodeFacts('n1'));
    view.setCapacity(capacityFacts('c'));
    volumes.onChange((_key, next) => next && view.setVolume(next));
    claims.onChange((_key, next) => next && view.setClaim(next));
    const clock = new ManualClock();
    let nudges = 0;
    const free = (): number => {
      const [segment] = view.storage.capacity.segmentsAt('fast', view.nodeTable.rowOf('n1') ?? -1) ?? [];
      return segment === undefined ? Number.NaN : view.storage.capacity.freeBytes('fast', segment) / GI;
    };
    const start = clock.epochSeconds();
    ageLateCapacity(view, { volumes, claims }, clock, () => (nudges += 1));
    expect(clock.nextInSeconds()).toBeUndefined();
    volumes.set('pv', volumeFacts('pv', { createdAtSeconds: start - 20 }));
    claims.set('shop/a', claimFacts('a', { selectedNode: 'n1', volumeName: 'pv', phase: 'Bound' }));
    expect(free()).toBe(90);
    await clock.advance(PUBLISHED_AFTER_SECONDS - 21);
    expect([free(), nudges]).toEqual([90, 0]);
    await clock.advance(1);
    expect([free(), nudges]).toEqual([100, 1]);
    expect(clock.nextInSeconds()).toBeUndefined();
  });
});
