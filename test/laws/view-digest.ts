import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import { APPS, CLASSES, DRIVERS, NODES } from './cluster-events.ts';

/** Everything that can be asked of a view, in a form that compares. */
export function digest(view: ClusterView) {
  return {
    nodes: view.nodeCount,
    pods: view.podCount,
    perNode: Object.fromEntries(NODES.map((node) => [node, nodeDigest(view, node)])),
    slots: APPS.flatMap((app) => [0, 1].map((ordinal) => view.slotOf(`uid-${app}`, `${app}-${ordinal}`)?.slot ?? null)),
    charges: [...view.charges()].map(([name, charge]) => [name, sorted(charge)] as const).toSorted(byName),
    totals: CLASSES.map((name) => view.storage.capacity.totalBytes(name) ?? null),
  };
}

function nodeDigest(view: ClusterView, name: string) {
  const row = view.nodeTable.rowOf(name);
  const known = view.node(name) !== undefined;
  return {
    known,
    used: row === undefined ? {} : used(view, row),
    free: sorted(view.free(name)),
    freeForMembers: APPS.map((app) => sorted(view.free(name, { appUid: `uid-${app}`, member: `${app}-0` }))),
    attach: DRIVERS.map((driver) => view.attachFree(name, driver) ?? null),
    inUse: DRIVERS.map((driver) => [...view.storage.attachments.inUse(name, driver)].toSorted()),
    pools: row === undefined || !known ? [] : CLASSES.map((storageClass) => segments(view, storageClass, row)),
    slots: view
      .slotsOn(name)
      .map((slot) => `${slot.uid}/${slot.appUid}/${slot.slot.member}`)
      .toSorted(),
  };
}

function used(view: ClusterView, row: number) {
  const { columns, stride, used } = view.nodeTable;
  const amounts = columns.names.map((name, column) => [name, used[row * stride + column] ?? 0] as const);
  return sorted(Object.fromEntries(amounts.filter(([, amount]) => amount !== 0)));
}

function segments(view: ClusterView, storageClass: string, row: number) {
  const found = view.storage.capacity.segmentsAt(storageClass, row);
  return (
    found
      ?.map((segment) => [
        segment.place,
        view.storage.capacity.freeBytes(storageClass, segment),
        segment.maximumBytes ?? null,
      ])
      .toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)) ?? 'unlimited'
  );
}

function sorted(record: Readonly<Record<string, number>>) {
  return Object.entries(record)
    .filter(([, amount]) => amount !== 0)
    .toSorted(byName);
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
