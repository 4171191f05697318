import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Reservation } from '../../src/api/reservation.ts';
import { parseResourceList } from '../../src/core/resources/resource-list.ts';
import { sameResources } from '../../src/core/resources/vector.ts';
import { ClusterView } from '../../src/core/view/cluster-view.ts';
import { PUBLISHED_AFTER_SECONDS } from '../../src/core/view/late-volumes.ts';
import { type ClusterEvent, clusterEvent } from './cluster-events.ts';
import { digest } from './view-digest.ts';
import { runs } from '../support/law-runs.ts';

/** What the events leave behind: the last event about each object that is not gone, and the assumptions that nothing has ended. */
class FinalState {
  readonly #last = new Map<string, ClusterEvent>();

  add(event: ClusterEvent): void {
    if (event.assumed !== undefined && this.#isSeen(event.assumed)) return;
    if (event.forgets !== undefined) this.#forget(event.forgets.uid);
    if (event.reservation !== undefined) this.#confirm(event.reservation);
    this.#last.delete(event.key);
    if (!event.gone) this.#last.set(event.key, event);
  }

  get events(): readonly ClusterEvent[] {
    return [...this.#last.values()];
  }

  #isSeen({ app, slot }: NonNullable<ClusterEvent['assumed']>): boolean {
    const { reservation } = this.#last.get(`reservation ${app.name}`) ?? {};
    return (
      reservation?.spec.slots.some(
        (seen) =>
          seen.state !== 'Conflicted' &&
          seen.member === slot.member &&
          seen.node === slot.node &&
          sameResources({ ...parseResourceList(seen.resources), pods: 1 }, slot.resources),
      ) === true
    );
  }

  #forget(appUid: string): void {
    for (const [key, { assumed }] of this.#last) if (assumed?.app.uid === appUid) this.#last.delete(key);
  }

  #confirm({ spec }: Reservation): void {
    for (const seen of spec.slots) {
      const key = `assumed ${seen.member}`;
      if (this.#last.get(key)?.assumed?.slot.node === seen.node) this.#last.delete(key);
    }
  }
}

/** Volumes that may have come and gone are remembered for so long; then the view is what the objects say (LateVolumes). */
function passTime(view: ClusterView): void {
  view.advance(PUBLISHED_AFTER_SECONDS);
}

const history = fc.array(clusterEvent, { minLength: 1, maxLength: 60 });

describe('the incremental view', () => {
  test('equals a view that is built anew from what is there now, in any order', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (events, order) => {
        const view = new ClusterView();
        const state = new FinalState();
        for (const event of events) {
          event.apply(view);
          // Asking in between fills what is kept, which must not go stale.
          digest(view);
          state.add(event);
        }
        const rebuilt = new ClusterView();
        const shuffled = state.events
          .map((event) => ({ event, place: order.next().value as number, last: event.assumed !== undefined }))
          .toSorted((a, b) => Number(a.last) - Number(b.last) || a.place - b.place);
        for (const { event } of shuffled) event.apply(rebuilt);
        passTime(view);
        passTime(rebuilt);
        expect(digest(view)).toEqual(digest(rebuilt));
      }),
      runs(500),
    );
  });

  test('does not change when it is told again what it knows', () => {
    fc.assert(
      fc.property(history, (events) => {
        const view = new ClusterView();
        const state = new FinalState();
        for (const event of events) {
          event.apply(view);
          state.add(event);
        }
        const before = digest(view);
        for (const event of state.events) event.apply(view);
        expect(digest(view)).toEqual(before);
      }),
      runs(150),
    );
  });

  test('keeps nothing of a cluster that is gone', () => {
    fc.assert(
      fc.property(history, (events) => {
        const view = new ClusterView();
        for (const event of events) event.apply(view);
        for (const name of ['n0', 'n1', 'n2', 'n3']) {
          view.deleteNode(name);
          view.deleteCsiNode(name);
        }
        for (const app of ['alpha', 'beta', 'gamma']) {
          view.deleteReservation(`shop/${app}`);
          view.forget({ namespace: 'shop', name: app, uid: `uid-${app}` });
          for (const member of [`${app}-0`, `${app}-1`]) {
            for (const uid of [`pod-${member}`, `pod-${member} again`]) view.deletePod(uid);
            view.deleteClaim(`shop/data-${member}`);
          }
        }
        for (const name of ['stranger-0', 'stranger-1']) {
          view.deletePod(`pod-${name}`);
          view.deletePod(`pod-${name} again`);
        }
        passTime(view);
        expect(view.nodeTable.names.filter((name) => name !== '')).toEqual([]);
        expect(view.nodeTable.used.every((amount) => amount === 0)).toBe(true);
      }),
      runs(150),
    );
  });

  test('a change on one node leaves the generation of the others as it was', () => {
    fc.assert(
      fc.property(history, fc.constantFrom('n0', 'n1'), (events, name) => {
        const view = new ClusterView();
        for (const event of events) event.apply(view);
        const since = view.generationCount;
        const free = JSON.stringify(view.free(name));
        for (const event of events.slice(0, 3)) event.apply(view);
        const dirty = view.dirtySince(since);
        if (JSON.stringify(view.free(name)) !== free && view.node(name) !== undefined) expect(dirty).toContain(name);
      }),
      runs(150),
    );
  });
});
