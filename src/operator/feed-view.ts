import type { Reservation } from '../api/reservation.ts';
import { memberPods } from '../core/app/member-pods.ts';
import { controllerOf } from '../core/app/read-field.ts';
import type { NodeFacts } from '../core/facts/node-facts.ts';
import type { ClusterView } from '../core/view/cluster-view.ts';
import type { Store } from '../kube/store.ts';
import type { Stores } from './caches.ts';

/**
 * Keeps the resource view equal to the stores from now on. `newestOf` gives the newest Reservation of a key, our own last write
 * included, so that an older event of the watch does not take back what was written. `seen` is the node as placement should see it.
 */
export function feedView(
  view: ClusterView,
  stores: Stores,
  newestOf: (key: string) => Reservation | undefined,
  seen: (node: NodeFacts) => NodeFacts = (node) => node,
): void {
  keep(
    stores.nodes,
    (node) => view.setNode(seen(node)),
    (node) => view.deleteNode(node.name),
  );
  keep(
    stores.claims,
    (claim) => view.setClaim(claim),
    (_claim, key) => view.deleteClaim(key),
  );
  keep(
    stores.volumes,
    (volume) => view.setVolume(volume),
    (volume) => view.deleteVolume(volume.name),
  );
  keep(
    stores.storageClasses,
    (found) => view.setStorageClass(found),
    (found) => view.deleteStorageClass(found.name),
  );
  keep(
    stores.capacities,
    (capacity) => view.setCapacity(capacity),
    (_capacity, key) => view.deleteCapacity(key),
  );
  keep(
    stores.drivers,
    (driver) => view.setDriver(driver),
    (driver) => view.deleteDriver(driver.name),
  );
  keep(
    stores.csiNodes,
    (node) => view.setCsiNode(node),
    (node) => view.deleteCsiNode(node.name),
  );
  keep(
    stores.attachments,
    (found) => view.setAttachment(found),
    (found) => view.deleteAttachment(found.name),
  );
  keep(
    stores.pools,
    (pool) => view.setPool(pool),
    (pool) => view.deletePool(pool.metadata.name),
  );
  keep(
    stores.namespaces,
    ({ name, labels }) => view.pods.setNamespace(name, labels),
    ({ name }) => view.pods.setNamespace(name, undefined),
  );
  stores.apps.onChange((_key, next, previous) => {
    if (previous !== undefined && previous.metadata.uid !== next?.metadata.uid) {
      view.pods.setTemplate(previous.metadata.uid, undefined);
    }
    if (next !== undefined) view.pods.setTemplate(next.metadata.uid, memberPods(next));
  });
  stores.pods.onChange((_key, next, previous) => {
    // One of the same name may have taken its place.
    if (previous !== undefined && previous.uid !== next?.uid) view.deletePod(previous.uid);
    if (next !== undefined) view.setPod(next);
  });
  stores.statefulSets.onChange((_key, next, previous) => {
    const uid = previous?.metadata.uid;
    if (uid !== undefined && uid !== next?.metadata.uid) view.deleteWorkload(uid);
    const owner = next === undefined ? undefined : controllerOf(next);
    if (next?.metadata.uid === undefined) return;
    if (owner?.kind !== 'PersistentApp') view.deleteWorkload(next.metadata.uid);
    else
      view.setWorkload(next.metadata.uid, {
        appUid: owner.uid,
        appName: owner.name,
        namespace: next.metadata.namespace ?? '',
      });
  });
  stores.reservations.onChange((key) => {
    const newest = newestOf(key);
    if (newest === undefined) view.deleteReservation(key);
    else view.setReservation(newest);
  });
}

function keep<T>(store: Store<T>, set: (item: T) => void, remove: (item: T, key: string) => void): void {
  store.onChange((key, next, previous) => {
    if (next !== undefined) set(next);
    else if (previous !== undefined) remove(previous, key);
  });
}
