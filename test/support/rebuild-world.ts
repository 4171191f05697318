// The small cluster in memory, with PersistentVolumes and what the volume controllers do about them, and an operator that may die after any
// of its writes.
import type { AppOperation, AppOperationSpec } from '../../src/api/app-operation.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseAppOperation } from '../../src/api/parse.ts';
import type { AppFacts } from '../../src/core/app/facts.ts';
import type { Action } from '../../src/core/app/plan.ts';
import { readString } from '../../src/core/app/read-field.ts';
import { formatTime } from '../../src/core/app/rfc3339.ts';
import type { ClaimFacts, VolumeFacts } from '../../src/core/facts/storage-facts.ts';
import { AppWorld, type Actor } from './app-world.ts';
import { apply, mark } from './world/api-server.ts';
import { writeSlots } from './world/simple-allocator.ts';

/** A volume, and which pod wrote to it first: what must never be lost. */
export interface Disk extends VolumeFacts {
  readonly content: string;
}

export class RebuildWorld extends AppWorld {
  readonly disks = new Map<string, Disk>();
  readonly operations = new Map<string, AppOperation>();
  readonly asked: Action[] = [];
  /** Names of all volumes that were ever made: none is made twice. */
  readonly #made = new Set<string>();
  /** The most members that had no ready pod at once, since it was set to 0. */
  worstDown = 0;

  override facts(): AppFacts {
    return { ...super.facts(), persistentVolumes: [...this.disks.values()], operations: [...this.operations.values()] };
  }

  order(name: string, spec: Partial<AppOperationSpec> & Pick<AppOperationSpec, 'type'>): void {
    this.operations.set(
      name,
      parseAppOperation({
        apiVersion: API_VERSION,
        kind: 'AppOperation',
        metadata: {
          name,
          namespace: 'prod',
          uid: this.newUid('op'),
          generation: 1,
          creationTimestamp: formatTime(this.now),
        },
        spec: { app: this.app.metadata.name, ...spec },
      }),
    );
  }

  operation(name: string): AppOperation {
    const found = this.operations.get(name);
    if (found === undefined) throw new Error(`there is no operation ${name}`);
    return found;
  }

  /** As the controller writes: slots, actions, status, operations; it dies after so many writes. Answers whether all were done. */
  operate(writes = Infinity): boolean {
    const plan = this.plan();
    const steps = [
      () => writeSlots(this, plan.slots, plan.demand),
      ...plan.actions.map((action) => () => this.carryOut(action)),
      () => void (this.app = { ...this.app, status: JSON.parse(JSON.stringify(plan.status)) as typeof plan.status }),
      ...(plan.operations ?? []).map(({ operation, status }) => () => {
        const { name } = operation.metadata;
        const live = this.operations.get(name);
        if (live !== undefined) this.operations.set(name, { ...live, status: structuredClone(status) });
      }),
    ];
    for (const step of steps.slice(0, writes)) step();
    return steps.length <= writes;
  }

  /** Turns of everybody but the operator. */
  others(): void {
    for (const actor of ['statefulSetController', 'scheduler', 'kubelet', 'garbageCollector', 'clock'] as const) {
      this.turn(actor);
    }
  }

  turn(actor: Exclude<Actor, 'operator'>): void {
    this.act(actor);
    this.controlVolumes();
    const down = [...Array(this.app.spec.replicas).keys()].filter(
      (ordinal) => this.pods.get(`db-${ordinal}`)?.ready !== true,
    );
    this.worstDown = Math.max(this.worstDown, down.length);
  }

  /** The provisioner, the binder, and the protection of claims that a pod uses. */
  controlVolumes(): void {
    for (const claim of this.claims.values()) {
      this.#remove(claim);
      this.#bind(claim);
    }
  }

  protected carryOut(action: Action): void {
    this.asked.push(action);
    switch (action.kind) {
      case 'apply':
        return apply(this, action.object);
      case 'mark':
        return mark(this, action);
      case 'deletePod':
        return this.deletePod(action.name, action.uid);
      case 'markVolume':
        return this.#markVolume(action);
      case 'releaseClaim':
        return this.#release(action);
      case 'rereferVolume':
        return this.#rerefer(action);
      case 'create':
        return this.#create(action);
      case 'suspend':
        return this.edit({ suspend: action.suspend });
      case 'deleteOperation':
        return void this.operations.delete(action.name);
      default:
    }
  }

  #markVolume({ name, mark: said }: Extract<Action, { kind: 'markVolume' }>): void {
    const disk = this.disks.get(name);
    if (disk === undefined) return;
    const { retiring: _before, ...rest } = disk;
    const retiring =
      said === undefined ? {} : { retiring: { ...said, accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem' } };
    this.disks.set(name, { ...rest, ...(said === undefined ? {} : { reclaimPolicy: 'Retain' }), ...retiring });
  }

  #release({ name, uid, volumeName }: Extract<Action, { kind: 'releaseClaim' }>): void {
    const claim = this.claims.get(name);
    if (claim?.uid !== uid) return;
    const disk = this.disks.get(volumeName);
    if (disk?.reclaimPolicy !== 'Retain' || disk.retiring === undefined)
      this.violations.push(`${name} would lose its data`);
    this.claims.set(name, { ...claim, deleting: true });
  }

  #rerefer({ name }: Extract<Action, { kind: 'rereferVolume' }>): void {
    const disk = this.disks.get(name);
    if (disk?.retiring === undefined) return;
    if (this.claims.get(disk.retiring.claim)?.uid === disk.retiring.claimUid)
      this.violations.push(`${name} was in use`);
    this.disks.set(name, {
      ...disk,
      claim: { namespace: 'prod', name: disk.retiring.as, uid: '' },
      phase: 'Available',
    });
  }

  #create({ object }: Extract<Action, { kind: 'create' }>): void {
    const { name, labels = {}, annotations = {} } = object.metadata;
    if (object.kind !== 'PersistentVolumeClaim' || this.claims.has(name)) return;
    const claim: ClaimFacts = {
      uid: this.newUid('claim'),
      namespace: 'prod',
      name,
      labels,
      annotations,
      phase: 'Pending',
      deleting: false,
      storageClassName: readString(object, 'spec', 'storageClassName'),
      volumeName: readString(object, 'spec', 'volumeName'),
      bytes: 2 ** 30,
      actualBytes: 0,
      selectedNode: '',
      conditions: [],
    };
    this.claims.set(name, claim);
  }

  #remove(claim: ClaimFacts): void {
    const isUsed = [...this.pods.values()].some((pod) => pod.nodeName !== '' && pod.claims.includes(claim.name));
    if (!claim.deleting || isUsed) return;
    this.claims.delete(claim.name);
    const disk = this.disks.get(claim.volumeName);
    if (disk?.claim?.uid !== claim.uid) return;
    if (disk.reclaimPolicy === 'Retain') this.disks.set(disk.name, { ...disk, phase: 'Released' });
    else this.disks.delete(disk.name);
  }

  #bind(claim: ClaimFacts): void {
    if (!this.claims.has(claim.name)) return;
    const disk = this.disks.get(claim.volumeName);
    if (disk !== undefined && claim.phase !== 'Bound' && disk.claim?.name === claim.name && disk.claim.uid === '') {
      this.disks.set(disk.name, { ...disk, claim: { ...disk.claim, uid: claim.uid }, phase: 'Bound' });
      this.claims.set(claim.name, { ...claim, phase: 'Bound', actualBytes: disk.bytes });
    }
    const name = claim.volumeName;
    if (claim.phase !== 'Bound' || name !== `pv-${claim.uid}` || this.#made.has(name)) return;
    this.#made.add(name);
    this.disks.set(name, {
      uid: this.newUid('pv'),
      name,
      storageClassName: 'fast',
      driver: 'csi.example.com',
      volumeHandle: name,
      bytes: 2 ** 30,
      claim: { namespace: 'prod', name: claim.name, uid: claim.uid },
      reclaimPolicy: 'Delete',
      nodeTerms: undefined,
      phase: 'Bound',
      content: claim.name,
    });
  }
}
