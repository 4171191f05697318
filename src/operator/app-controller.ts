import { parseAppOperation, parsePersistentApp } from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import type { AppRef } from '../core/allocator/demand.ts';
import type { AppFacts } from '../core/app/facts.ts';
import type { AppEvent, Plan } from '../core/app/plan.ts';
import { classify, retryAfterOf } from '../kube/errors.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import type { LiveAdoptee } from './adoptee-reader.ts';
import type { AllocatorLoop } from './allocator-loop.ts';
import { BY_APP, type Stores } from './caches.ts';
import type { Log } from './log.ts';
import { observeSources } from './backup-sources.ts';
import type { SnapshotWatch } from './backup-snapshots.ts';
import { type Known, observeApp } from './observe-app.ts';
import { NotOursError } from './not-ours-error.ts';
import type { ProvisioningWatch } from './provisioning-watch.ts';
import { observeRecovery } from './observe-recovery.ts';
import type { OperatorMetrics } from './metrics.ts';
import type { Performer } from './perform.ts';
import type { PodCheck } from './pod-check.ts';
import { recoveryPhases } from '../core/recovery/recovery-phases.ts';
import type { RecoveryWatch } from './recovery-watch.ts';
import { withRefusal, type Refusal } from './refused-write.ts';
import type { ReservationWriter, SlotWrite } from './reservation-writer.ts';
import type { StatusWriter } from './status-writer.ts';
import type { TemplateAnswer, TemplateCheck } from './template-check.ts';
import type { VolumeUsageWatch } from './volume-usage-watch.ts';

export interface AppControllerOptions {
  readonly stores: Stores;
  readonly plan: (facts: AppFacts, now: number) => Plan;
  readonly performer: Performer;
  readonly reservations: ReservationWriter;
  readonly allocator: AllocatorLoop;
  readonly statuses: StatusWriter;
  readonly templates: TemplateCheck;
  readonly podCheck: PodCheck;
  /** Absent: nothing is adopted. */
  readonly adoptee?: (app: PersistentApp) => Promise<LiveAdoptee | undefined>;
  readonly events: EventRecorder;
  readonly snapshots: SnapshotWatch;
  /** Undefined: nothing is done about lost nodes. */
  readonly recovery: RecoveryWatch | undefined;
  /** Undefined: nobody knows how full volumes are. */
  readonly volumeUsage?: Pick<VolumeUsageWatch, 'usageOf'>;
  /** Undefined: slots stay where volumes cannot be made. */
  readonly provisioning?: Pick<ProvisioningWatch, 'failuresOf'>;
  readonly metrics: Pick<OperatorMetrics, 'recovered'>;
  readonly memberPriorityClass: string;
  readonly schedulerName: string;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly log: Log;
}

/** A write lost a race; everything is looked at again shortly. */
const SOON_SECONDS = 0.5;

/** What the API server refuses is tried again this seldom, in case what it minds is outside the app. */
const REFUSED_SECONDS = 60;

/** Observe, plan, perform, status: one pass over one app. */
export class AppController {
  readonly #uids = new Map<string, string>();
  readonly #options: AppControllerOptions;

  constructor(options: AppControllerOptions) {
    this.#options = options;
  }

  /** Throws what is worth a retry with backoff. */
  async reconcile(key: string): Promise<WorkResult> {
    const app = this.#options.stores.apps.get(key);
    if (app === undefined) {
      this.#forget(key);
      await this.#options.reservations.removeOrphan(key);
      return {};
    }
    if (this.#uids.get(key) !== app.metadata.uid) {
      this.#forget(key);
      await this.#options.reservations.removeOrphan(key);
    }
    this.#uids.set(key, app.metadata.uid);
    return this.#pass(key, app);
  }

  async #pass(key: string, app: PersistentApp): Promise<WorkResult> {
    const { allocator, podCheck, now } = this.#options;
    const { template, podAnswer, adoptee } = await this.#ask(app);
    // Read after the last wait, so that all of it is of one moment.
    const facts = this.#observe(key, app, { templateProblem: template.problem, podAnswer, adoptee });
    const plan = this.#options.plan(facts, now());
    const kept = await this.#keep(facts, plan);
    // The plan was made from slots that are not there any more: nothing of it may be done.
    if (kept === 'conflict') return { wakeAfterSeconds: SOON_SECONDS };
    allocator.want(key, plan.demand);
    const refusal = typeof kept === 'object' ? kept : await this.#perform(facts, plan.actions);
    // What holds back everything else must not keep a full disk from growing.
    if (typeof kept === 'object')
      await this.#perform(
        facts,
        plan.actions.filter(({ kind }) => kind === 'changeClaim'),
      );
    await this.#tell(facts, plan, refusal);
    const asksAgain = refusal !== undefined || (template.problem !== undefined && !template.final);
    const podsAgain = podAnswer === undefined ? undefined : podCheck.wakeAfterSeconds(app);
    return { wakeAfterSeconds: soonest(plan.wakeAfterSeconds, podsAgain, asksAgain ? REFUSED_SECONDS : undefined) };
  }

  /** What the API server has to be asked for. Nothing for an app that is left alone. */
  async #ask(app: PersistentApp) {
    const { templates, podCheck, memberPriorityClass } = this.#options;
    if (app.spec.paused || app.metadata.deletionTimestamp !== undefined) return { template: NO_PROBLEM };
    const template = await templates.ask(app, memberPriorityClass);
    const podAnswer = template.problem === undefined ? await podCheck.ask(app) : undefined;
    return { template, podAnswer, adoptee: await this.#options.adoptee?.(app) };
  }

  #observe(key: string, app: PersistentApp, asked: Pick<Known, 'templateProblem' | 'podAnswer' | 'adoptee'>): AppFacts {
    const { stores, reservations, allocator, statuses, memberPriorityClass, schedulerName, recovery } = this.#options;
    const decline = allocator.declineOf(key);
    const latest = statuses.latest(stores.apps.get(key) ?? app);
    return observeApp(latest, stores, {
      operations: stores.appOperations.byIndex(BY_APP, key).map((operation) => statuses.latest(operation)),
      dataSources: observeSources(latest, stores, this.#options.snapshots),
      reservation: reservations.newestOf(key),
      ...(decline?.app.uid === app.metadata.uid
        ? { decline, declines: allocator.declinesOf(key) }
        : { decline: undefined }),
      ...asked,
      volumeUsage: this.#options.volumeUsage?.usageOf(latest),
      failedMakings: (claims) => this.#options.provisioning?.failuresOf(claims) ?? [],
      memberPriorityClass,
      schedulerName,
      recovery: (parts) => (recovery === undefined ? undefined : observeRecovery(parts, stores, recovery)),
    });
  }

  /** Bookkeeping of slots. A Reservation of an earlier app of this name is left to garbage collection. */
  async #keep({ app, reservation }: AppFacts, { slots }: Plan): Promise<SlotWrite | Refusal> {
    const base = reservation?.spec.app.uid === app.metadata.uid ? reservation : undefined;
    try {
      return await this.#options.reservations.keep({ ...refOf(app), framework: app.spec.framework }, slots, base);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return refusal;
    }
  }

  /**
   * Carries out the actions in order. What the API server refuses for good is answered, and ends it, but for a claim that may not grow: the
   * others may. What may pass later is thrown.
   */
  async #perform(facts: AppFacts, actions: Plan['actions']): Promise<Refusal | undefined> {
    const app = refOf(facts.app);
    let refused: Refusal | undefined;
    for (const action of actions) {
      try {
        await this.#options.performer.perform(app, action);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        this.#options.log.warn(
          { namespace: app.namespace, app: app.name, action: action.kind, err: error },
          refusal.message,
        );
        if (action.kind !== 'changeClaim') return refusal;
        refused ??= refusal;
      }
    }
    return refused;
  }

  async #tell(facts: AppFacts, plan: Plan, refusal: Refusal | undefined): Promise<void> {
    const { statuses, events, now, metrics } = this.#options;
    const { app } = facts;
    const status = refusal === undefined ? plan.status : withRefusal(plan.status, app.status, refusal, now());
    for (const { operation, status: said } of plan.operations ?? [])
      await statuses.write(operation, said, parseAppOperation);
    // Events tell of changes of the status: none was written, so none happened (the cache may not show our last one yet).
    if (!(await statuses.write(app, status, parsePersistentApp))) return;
    for (const { phase, seconds } of recoveryPhases(facts, status)) metrics.recovered(phase, seconds);
    const { apiVersion, kind } = app;
    const { namespace, name, uid } = app.metadata;
    const told: readonly AppEvent[] =
      refusal === undefined ? plan.events : [...plan.events, { type: 'Warning', ...refusal }];
    for (const event of told) events.record({ apiVersion, kind, namespace, name, uid }, event);
  }

  #forget(key: string): void {
    const { allocator, templates, podCheck, statuses, performer } = this.#options;
    allocator.want(key, undefined);
    performer.forget(key);
    statuses.forget('PersistentApp', key);
    templates.forget(this.#uids.get(key) ?? '');
    podCheck.forget(this.#uids.get(key) ?? '');
    this.#uids.delete(key);
  }
}

const NO_PROBLEM: TemplateAnswer = { problem: undefined, final: true };

function soonest(...seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function refOf({ metadata }: PersistentApp): AppRef {
  return { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid };
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof NotOursError) return { reason: 'ForeignObject', message: error.message };
  if (classify(error) !== 'terminal' || retryAfterOf(error) !== undefined) return undefined;
  return {
    reason: 'WriteRefused',
    message: `the API server refused: ${error instanceof Error ? error.message : String(error)}`,
  };
}
