// What may happen to a cluster, in a small world in which everything meets: four nodes, three apps, a few pods and volumes.
import * as fc from 'fast-check';
import type { Reservation, Slot } from '../../src/api/reservation.ts';
import type { AcceptedSlot } from '../../src/core/allocator/decision.ts';
import type { AppRef } from '../../src/core/allocator/demand.ts';
import type { ClusterView } from '../../src/core/view/cluster-view.ts';
import {
  GI,
  amounts,
  attachmentFacts,
  capacityFacts,
  claimFacts,
  csiNodeFacts,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  storageClassFacts,
  storagePool,
  volumeFacts,
} from '../support/core-builders.ts';

export const NODES = ['n0', 'n1', 'n2', 'n3'] as const;
export const APPS = ['alpha', 'beta', 'gamma'] as const;
export const CLASSES = ['fast', 'slow'] as const;
export const DRIVERS = ['disks.example', 'nets.example'] as const;
const MEMBERS = APPS.flatMap((app) => [`${app}-0`, `${app}-1`]);
const CLAIMS = MEMBERS.map((member) => `data-${member}`);
const VOLUMES = ['v0', 'v1', 'v2'] as const;
const STATEFUL_SETS = APPS.map((app) => `set-${app}`);

/** One event: how it changes the view, and which object it leaves behind (`state` undefined: it is gone). */
export interface ClusterEvent {
  readonly key: string;
  readonly apply: (view: ClusterView) => void;
  readonly gone: boolean;
  readonly assumed?: { readonly app: AppRef; readonly slot: AcceptedSlot; readonly framework: string };
  readonly forgets?: AppRef;
  readonly reservation?: Reservation;
}

const node = fc.constantFrom(...NODES);
const maybe = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(item, { nil: undefined, freq: 3 });
const cpu = fc.constantFrom('250m', '1', '2');
const className = fc.constantFrom(...CLASSES);

function object<T>(
  kind: string,
  names: readonly string[],
  build: (name: string) => fc.Arbitrary<T>,
  act: { set: (view: ClusterView, object: T) => void; remove: (view: ClusterView, name: string) => void },
): fc.Arbitrary<ClusterEvent> {
  return fc.constantFrom(...names).chain((name) =>
    maybe(build(name)).map((made) => ({
      key: `${kind} ${name}`,
      gone: made === undefined,
      apply: (view: ClusterView) => (made === undefined ? act.remove(view, name) : act.set(view, made)),
    })),
  );
}

const nodes = object(
  'node',
  NODES,
  (name) =>
    fc
      .record({ zone: maybe(fc.constantFrom('a', 'b')), cpus: cpu, gpus: fc.nat(1), rack: fc.constantFrom('r1', 'r2') })
      .map(({ zone, cpus, gpus, rack }) =>
        nodeFacts(name, {
          ...(zone === undefined ? {} : { zone }),
          labels: { rack },
          allocatable: { cpu: cpus, ...(gpus === 0 ? {} : { 'nvidia.com/gpu': gpus }) },
        }),
      ),
  { set: (view, facts) => view.setNode(facts), remove: (view, name) => view.deleteNode(name) },
);

const pods = object(
  'pod',
  [...MEMBERS, 'stranger-0', 'stranger-1'].flatMap((name) => [name, `${name} again`]),
  (key) =>
    fc
      .record({
        nodeName: fc.constantFrom('', ...NODES),
        phase: fc.constantFrom('Pending', 'Running', 'Running', 'Succeeded', 'Failed'),
        owner: maybe(fc.constantFrom(...STATEFUL_SETS)),
        cpus: cpu,
        gpus: fc.nat(1),
        claims: fc.subarray(CLAIMS, { maxLength: 2 }),
        namespace: fc.constantFrom('shop', 'shop', 'shop', 'other'),
      })
      .map(({ nodeName, phase, owner, cpus, gpus, claims, namespace }) =>
        podFacts(key.split(' ')[0] ?? key, {
          uid: `pod-${key}`,
          namespace,
          nodeName,
          phase: phase as 'Running',
          claims,
          requests: { cpu: cpus, ...(gpus === 0 ? {} : { 'nvidia.com/gpu': 1 }) },
          ...(owner === undefined ? {} : { statefulSet: owner }),
        }),
      ),
  { set: (view, facts) => view.setPod(facts), remove: (view, name) => view.deletePod(`pod-${name}`) },
);

const claims = object(
  'claim',
  CLAIMS,
  (name) =>
    fc
      .record({
        storageClassName: className,
        volumeName: fc.constantFrom('', '', ...VOLUMES),
        selectedNode: fc.constantFrom('', '', ...NODES),
        gigabytes: fc.constantFrom(5, 10),
      })
      .map(({ gigabytes, ...rest }) => claimFacts(name, { ...rest, bytes: gigabytes * GI })),
  { set: (view, facts) => view.setClaim(facts), remove: (view, name) => view.deleteClaim(`shop/${name}`) },
);

const volumes = object(
  'volume',
  VOLUMES,
  (name) =>
    fc
      .record({
        storageClassName: className,
        driver: fc.constantFrom('', ...DRIVERS),
        claim: maybe(fc.constantFrom(...CLAIMS)),
        zone: maybe(fc.constantFrom('a', 'b')),
      })
      .map(({ claim, zone, ...rest }) =>
        volumeFacts(name, {
          ...rest,
          claim: claim === undefined ? undefined : { namespace: 'shop', name: claim, uid: `uid-${claim}` },
          nodeTerms: zone === undefined ? undefined : [{ 'topology.kubernetes.io/zone': [zone] }],
        }),
      ),
  { set: (view, facts) => view.setVolume(facts), remove: (view, name) => view.deleteVolume(name) },
);

const classes = object(
  'class',
  CLASSES,
  (name) => fc.constantFrom(...DRIVERS).map((provisioner) => storageClassFacts(name, { provisioner })),
  { set: (view, facts) => view.setStorageClass(facts), remove: (view, name) => view.deleteStorageClass(name) },
);

const capacities = object(
  'capacity',
  ['k0', 'k1', 'k2'],
  (name) =>
    fc
      .record({
        storageClassName: className,
        nodeLabels: maybe(
          fc.constantFrom<Record<string, string>>(
            {},
            { rack: 'r1' },
            { rack: 'r2' },
            { 'kubernetes.io/hostname': 'n0' },
          ),
        ),
        capacityBytes: fc.constantFrom(0, 20 * GI, 100 * GI),
        maximumVolumeBytes: maybe(fc.constant(10 * GI)),
      })
      .map((rest) => capacityFacts(name, rest)),
  { set: (view, facts) => view.setCapacity(facts), remove: (view, name) => view.deleteCapacity(`kube-system/${name}`) },
);

const drivers = object(
  'driver',
  DRIVERS,
  (name) => fc.boolean().map((publishesCapacity) => ({ name, publishesCapacity })),
  { set: (view, facts) => view.setDriver(facts), remove: (view, name) => view.deleteDriver(name) },
);

const csiNodes = object(
  'csinode',
  NODES,
  (name) =>
    fc.tuple(maybe(fc.nat(3)), fc.constantFrom(...DRIVERS)).map(([limit, driver]) => csiNodeFacts(name, limit, driver)),
  { set: (view, facts) => view.setCsiNode(facts), remove: (view, name) => view.deleteCsiNode(name) },
);

const attachments = object(
  'attachment',
  ['t0', 't1', 't2'],
  (name) =>
    fc
      .record({ nodeName: node, volumeName: fc.constantFrom(...VOLUMES), driver: fc.constantFrom(...DRIVERS) })
      .map((rest) => attachmentFacts(name, rest)),
  { set: (view, facts) => view.setAttachment(facts), remove: (view, name) => view.deleteAttachment(name) },
);

const pools = object(
  'pool',
  ['gold', 'silver'],
  (name) =>
    fc
      .tuple(
        className,
        maybe(fc.constantFrom<Record<string, string>>({ a: '50Gi' }, { a: '50Gi', b: '10Gi', '': '5Gi' })),
      )
      .map(([storageClassName, perZone]) =>
        storagePool(name, { storageClassName, ...(perZone === undefined ? {} : { perZone }) }),
      ),
  { set: (view, pool) => view.setPool(pool), remove: (view, name) => view.deletePool(name) },
);

const workloads = object(
  'workload',
  STATEFUL_SETS,
  (uid) =>
    fc
      .record({
        appUid: fc.constantFrom(...APPS.map((app) => `uid-${app}`)),
        appName: fc.constant(uid.slice('set-'.length)),
        namespace: fc.constantFrom('shop', 'shop', 'other'),
      })
      .map((workload) => ({ uid, workload })),
  {
    set: (view, { uid, workload }) => view.setWorkload(uid, workload),
    remove: (view, uid) => view.deleteWorkload(uid),
  },
);

const slotVolume = fc.record({
  claim: fc.constantFrom(...CLAIMS),
  pool: fc.constantFrom('', 'gold', 'silver'),
  storageClassName: fc.constantFrom('', ...CLASSES),
  bytes: fc.constantFrom(5 * GI, 20 * GI),
  pinned: fc.boolean(),
});

function slotOf(member: string): fc.Arbitrary<Slot> {
  return fc
    .record({
      node,
      cpus: cpu,
      state: fc.constantFrom('Held', 'Claimed', 'Moving', 'Proposed', 'Conflicted'),
      podUID: fc.constantFrom('', `pod-${member}`, 'pod-stranger-0'),
      volumes: fc.array(slotVolume, { maxLength: 2 }),
      epoch: fc.nat(2),
    })
    .map(({ cpus, state, ...rest }) =>
      slot(member, rest.node, { ...rest, state: state as 'Held', resources: { cpu: cpus, memory: '1Gi' } }),
    );
}

function slotsOf(app: string): fc.Arbitrary<Reservation> {
  return fc
    .tuple(maybe(slotOf(`${app}-0`)), maybe(slotOf(`${app}-1`)), fc.constantFrom('tenant-a', 'tenant-b'))
    .map(([first, second, framework]) => {
      const slots = [first, second].filter((made) => made !== undefined);
      return reservation(app, slots, { framework });
    });
}

const reservations = fc.constantFrom(...APPS).chain((app) =>
  maybe(slotsOf(app)).map((made): ClusterEvent => {
    const event = {
      key: `reservation ${app}`,
      gone: made === undefined,
      apply: (view: ClusterView) =>
        made === undefined ? view.deleteReservation(`shop/${app}`) : view.setReservation(made),
    };
    return made === undefined ? event : { ...event, reservation: made };
  }),
);

const assumptions = fc
  .record({ member: fc.constantFrom(...MEMBERS), node, cpus: cpu, volumes: fc.array(slotVolume, { maxLength: 1 }) })
  .map(({ member, node, cpus, volumes }): ClusterEvent => {
    const app = appRef(member.slice(0, -2));
    const accepted = { member, node, zone: '', resources: amounts({ cpu: cpus, memory: '1Gi', pods: 1 }), volumes };
    return {
      key: `assumed ${member}`,
      gone: false,
      apply: (view) => view.assume(app, [accepted], 'tenant-a'),
      assumed: { app, slot: accepted, framework: 'tenant-a' },
    };
  });

const forgettings = fc.constantFrom(...APPS).map((name): ClusterEvent => {
  const app = appRef(name);
  return { key: `forget ${name}`, gone: true, apply: (view) => view.forget(app), forgets: app };
});

function appRef(name: string): AppRef {
  return { namespace: 'shop', name, uid: `uid-${name}` };
}

export const clusterEvent: fc.Arbitrary<ClusterEvent> = fc.oneof(
  { weight: 3, arbitrary: nodes },
  { weight: 4, arbitrary: pods },
  { weight: 3, arbitrary: claims },
  { weight: 2, arbitrary: volumes },
  { weight: 1, arbitrary: classes },
  { weight: 2, arbitrary: capacities },
  { weight: 1, arbitrary: drivers },
  { weight: 1, arbitrary: csiNodes },
  { weight: 2, arbitrary: attachments },
  { weight: 1, arbitrary: pools },
  { weight: 2, arbitrary: workloads },
  { weight: 4, arbitrary: reservations },
  { weight: 2, arbitrary: assumptions },
  { weight: 1, arbitrary: forgettings },
);
