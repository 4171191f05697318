// One member of a lost node, and an operator that may die after any write, and before it: the member ends elsewhere, once, and nobody is
// let in before the old node is cut off, be it by a detach, by the fencing hook, which may have to be asked anew, or by somebody who
// declared it out of service: Kubernetes then takes the pod away by itself, at any moment.
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { PersistentAppStatus } from '../../src/api/persistent-app.ts';
import type { Slot } from '../../src/api/reservation.ts';
import { plan } from '../../src/core/app/make-plan.ts';
import type { Action, Plan } from '../../src/core/app/plan.ts';
import type { PodFacts } from '../../src/core/facts/pod-facts.ts';
import type { AttachmentFacts } from '../../src/core/facts/storage-facts.ts';
import type { FencingState } from '../../src/core/recovery/fencing-state.ts';
import type { NodeTrouble } from '../../src/core/recovery/node-trouble.ts';
import {
  DATA,
  LAUNCHED_ALONE,
  NOW,
  app,
  claim,
  facts,
  pendingPod,
  pod,
  reservation,
  slot,
} from '../support/app-builders.ts';
import { runs } from '../support/law-runs.ts';

const attachedTo = (nodeName: string): AttachmentFacts => ({
  uid: `va-${nodeName}`,
  name: `csi-${nodeName}`,
  driver: 'csi.example.com',
  nodeName,
  volumeName: 'pv-data-db-0',
  attached: true,
});

const ACTORS = ['hook', 'podGC', 'allocator', 'statefulSet', 'attachDetach', 'scheduler', 'kubelet', 'clock'] as const;
type Actor = (typeof ACTORS)[number];

class LostNodeWorld {
  now = NOW;
  slot: Slot = slot({ state: 'Claimed', podUID: 'old' });
  pod: PodFacts | undefined = pod({ uid: 'old', claims: ['data-db-0'] });
  attachments: readonly AttachmentFacts[] = [attachedTo('n1')];
  status: PersistentAppStatus | undefined;
  outOfService: NodeTrouble['outOfService'] = 'no';
  forced = 0;
  collected = 0;
  /** Undefined: a detach proves that the old writer stopped, and nobody needs to be asked. */
  fencing: FencingState | undefined;
  readonly #mayTaint: boolean;
  readonly #proof: Proof;

  constructor(mayTaint: boolean, proof: Proof) {
    this.#mayTaint = mayTaint && proof === 'detach';
    this.#proof = proof;
    if (proof === 'hook') this.fencing = { state: 'ready' };
    if (proof === 'taintOfOthers') this.outOfService = 'byOthers';
  }

  plan(): Plan {
    const trouble: NodeTrouble = {
      name: 'n1',
      uid: 'uid-n1',
      silentSeconds: 31,
      renewedAt: 'then',
      ready: true,
      outOfService: this.outOfService,
      instance: 'unknown',
      ...(this.fencing === undefined ? {} : { fencing: this.fencing }),
      wholeNodeProblem: this.#mayTaint ? '' : 'no right',
    };
    return plan(
      facts({
        app: app({ spec: { replicas: 1, volumeClaims: [DATA] }, status: this.status }),
        statefulSet: LAUNCHED_ALONE,
        reservation: reservation([this.slot]),
        pods: this.pod === undefined ? [] : [this.pod],
        claims: [claim()],
        recovery: {
          trouble: new Map([['n1', trouble]]),
          attachments: this.attachments,
          breakerProblem: undefined,
          exclusiveVolumes: new Set(this.#proof === 'detach' ? ['pv-data-db-0'] : []),
        },
      }),
      this.now,
    );
  }

  /** Slots, then actions, then status, as the controller writes them; dies after so many writes. */
  operate(writes: number): void {
    const { slots, actions, status } = this.plan();
    const steps = [
      () => this.#keep(slots),
      ...actions.map((action) => () => this.#perform(action)),
      () => void (this.status = status),
    ];
    for (const step of steps.slice(0, writes)) step();
    // What the hook said is kept in memory only.
    if (writes < steps.length && this.fencing !== undefined) this.fencing = { state: 'ready' };
  }

  act(actor: Actor): void {
    const turns: Readonly<Record<Actor, () => void>> = {
      hook: () => {
        if (this.fencing?.state === 'asked') this.fencing = { state: 'fenced', message: '', isPoweredOff: false };
      },
      podGC: () => this.#collect(),
      allocator: () => this.#place(),
      statefulSet: () => {
        this.pod ??= pendingPod({ uid: 'new', claims: ['data-db-0'], createdAtSeconds: this.now });
      },
      attachDetach: () => this.#attachAndDetach(),
      scheduler: () => this.#schedule(),
      kubelet: () => this.#start(),
      clock: () => void (this.now += 1),
    };
    turns[actor]();
  }

  /** What is Moving where the pod is, or where there is no pod any more, is sought anew. */
  #place(): void {
    if (this.plan().demand === undefined || this.slot.state !== 'Moving') return;
    // As operator/reservation-writer.ts accepts it.
    this.slot = slot({ node: 'n2', state: this.slot.podUID === '' ? 'Moving' : 'Held', podUID: '' });
  }

  /** Kubernetes removes the pods of a node that is out of service, with nobody's leave. */
  #collect(): void {
    if (this.pod?.nodeName !== 'n1' || this.outOfService === 'no') return;
    this.pod = undefined;
    this.collected += 1;
  }

  #attachAndDetach(): void {
    if (this.pod?.nodeName !== 'n1' && this.outOfService !== 'no') this.#detach('n1');
    if (this.pod?.nodeName === 'n2' && this.attachments.length === 0) this.attachments = [attachedTo('n2')];
  }

  #start(): void {
    if (this.pod?.nodeName === 'n2' && this.attachments.some(({ nodeName }) => nodeName === 'n2'))
      this.pod = { ...this.pod, phase: 'Running', ready: true, readySinceSeconds: this.now };
  }

  #keep(slots: readonly Slot[]): void {
    const [kept] = slots;
    if (kept !== undefined) this.slot = kept;
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case 'forceDeletePod':
        return this.#forceDelete(action.uid);
      case 'declareOutOfService':
        this.outOfService = 'byUs';
        return;
      case 'askFencing':
        // A machine is not cut off before its member has another place.
        expect(this.slot).toMatchObject({ node: 'n2', state: 'Moving' });
        if (this.fencing?.state === 'ready') this.fencing = { state: 'asked' };
        return;
      case 'deleteAttachment':
        expect(this.fencing?.state ?? 'fenced').toBe('fenced');
        expect(this.pod?.nodeName ?? '').not.toBe('n1');
        this.#detach(action.nodeName);
        return;
      default:
    }
  }

  #forceDelete(uid: string): void {
    expect(this.fencing?.state ?? 'fenced').toBe('fenced');
    // It was written down before: a slot elsewhere that lets nobody in.
    expect(this.slot).toMatchObject({ node: 'n2', state: 'Moving' });
    if (this.pod?.uid !== uid) return;
    this.pod = undefined;
    this.forced += 1;
  }

  #detach(node: string): void {
    this.attachments = this.attachments.filter(({ nodeName }) => nodeName !== node);
  }

  /** kube-scheduler with our extender: a slot that is Moving lets nobody in. */
  #schedule(): void {
    if (this.pod === undefined || this.pod.nodeName !== '' || this.slot.state !== 'Held') return;
    // Kubernetes may take the pod after its next place was accepted, which then stands open. It detaches first, as somebody's word allows.
    if (this.#proof !== 'taintOfOthers')
      expect(this.attachments.filter(({ nodeName }) => nodeName !== this.slot.node)).toEqual([]);
    this.pod = { ...this.pod, nodeName: this.slot.node };
  }
}

const PROOFS = ['detach', 'hook', 'taintOfOthers'] as const;
type Proof = (typeof PROOFS)[number];

const turn = fc.oneof(
  fc.constantFrom(...ACTORS).map((actor) => (world: LostNodeWorld) => world.act(actor)),
  fc.integer({ min: 0, max: 5 }).map((writes) => (world: LostNodeWorld) => world.operate(writes)),
);

test('whenever the operator dies, the member ends elsewhere, moved once, behind a finished detach', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(...PROOFS),
      fc.array(turn, { maxLength: 40 }),
      (mayTaint, proof, turns) => {
        const world = new LostNodeWorld(mayTaint, proof);
        for (const take of turns) take(world);
        for (let round = 0; round < 12; round += 1) {
          world.operate(Infinity);
          for (const actor of ACTORS) world.act(actor);
        }
        expect(world.pod).toMatchObject({ uid: 'new', nodeName: 'n2', ready: true });
        expect(world.slot).toMatchObject({ node: 'n2', state: 'Claimed', podUID: 'new' });
        expect(world.attachments.map(({ nodeName }) => nodeName)).toEqual(['n2']);
        expect(world.forced + world.collected).toBe(1);
        expect(world.status?.lastRecovery).toMatchObject({ member: 'db-0', readyAt: expect.any(String) });
      },
    ),
    runs(150),
  );
});
