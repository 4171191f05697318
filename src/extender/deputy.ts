import type { Framework } from '../api/framework.ts';
import { API_VERSION } from '../api/group.ts';
import { parseFramework, parsePersistentApp } from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import { memberKey } from '../core/admission/admission-world.ts';
import { OperatorPresence } from '../core/admission/operator-presence.ts';
import { standInPlaces } from '../core/admission/stand-in-places.ts';
import { mustWait, type StandIn } from '../core/admission/stand-in.ts';
import type { HeldSlot } from '../core/facts/held-slot.ts';
import { listOf, objectOf, textOf } from '../core/facts/json.ts';
import { tenantsOf } from '../core/offers/tenants-of.ts';
import { systemClock, type Clock } from '../kube/clock.ts';
import { classify } from '../kube/errors.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Log } from '../kube/log.ts';
import { LEASE, pathOf, type ResourceType } from '../kube/resource-type.ts';
import type { LostApp, WatchedWorld } from './watched-world.ts';

export interface DeputyOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly world: Pick<WatchedWorld, 'view' | 'lostApps' | 'setStandIns'>;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly log: Log;
  readonly clock?: Clock | undefined;
}

/** Frameworks are few, and what nobody answers in this time is tried again. */
const TIMEOUT_SECONDS = 3;

const FRAMEWORK: ResourceType = {
  apiVersion: API_VERSION,
  kind: 'Framework',
  plural: 'frameworks',
  namespaced: false,
};
const PERSISTENT_APP: ResourceType = {
  apiVersion: API_VERSION,
  kind: 'PersistentApp',
  plural: 'persistentapps',
  namespaced: true,
};

/**
 * While the operator is away, finds other nodes for single members whose slot's node is gone. It writes nothing: the member's pod goes
 * there, and the slot follows its pod when the operator is back. Apps and frameworks are read when they are needed, which is hardly ever.
 */
export class Deputy {
  readonly #options: DeputyOptions;
  readonly #clock: Clock;
  readonly #presence = new OperatorPresence();
  #isLooking = false;
  #isForbidden = false;

  constructor(options: DeputyOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get operatorAway(): boolean {
    return this.#presence.isAway(this.#clock.monotonicSeconds());
  }

  /** Reads the Lease, and acts on what it says. To be called every few seconds; never throws. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#isForbidden) return;
    this.#isLooking = true;
    try {
      const renewal = await this.#renewal();
      this.#presence.read(renewal, this.#clock.monotonicSeconds());
      const lost = this.operatorAway ? this.#options.world.lostApps() : [];
      this.#options.world.setStandIns(lost.length === 0 ? NOBODY : await this.#standIns(lost));
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #renewal(): Promise<string | undefined> {
    const { namespace, name } = this.#options.lease;
    try {
      const lease = objectOf(await this.#get(pathOf(LEASE, namespace, name)));
      return textOf(objectOf(lease['metadata'])['resourceVersion']);
    } catch (error) {
      if (classify(error) === 'notFound') return undefined;
      throw error;
    }
  }

  async #standIns(apps: readonly LostApp[]): Promise<ReadonlyMap<string, StandIn>> {
    const list = objectOf(await this.#get(pathOf(FRAMEWORK)));
    const frameworks = listOf(list['items']).map(parseFramework);
    const found = new Map<string, StandIn>();
    for (const lostApp of apps) {
      const app = await this.#appOf(lostApp);
      if (app === undefined) continue;
      for (const held of lostApp.lost) {
        found.set(memberKey(held.appUid, held.slot.member), this.#standIn(held, { lostApp, app, frameworks }));
      }
    }
    return found;
  }

  #standIn(held: HeldSlot, { lostApp, app, frameworks }: Found): StandIn {
    const { lost, launched, placed } = lostApp;
    const wait = mustWait({ app, slot: held.slot, launched, lost: lost.length });
    if (wait !== undefined) return { nodes: [], message: wait };
    return standInPlaces(this.#options.world.view, tenantsOf(frameworks), {
      app,
      framework: frameworks.find(({ metadata }) => metadata.name === app.spec.framework),
      held,
      placed: placed.filter(({ member }) => member !== held.slot.member),
      now: this.#clock.epochSeconds(),
    });
  }

  /** The app as it is now; undefined when it is gone, or another one has its name. */
  async #appOf({ lost: [held] }: LostApp): Promise<PersistentApp | undefined> {
    if (held === undefined) return undefined;
    try {
      const app = parsePersistentApp(await this.#get(pathOf(PERSISTENT_APP, held.namespace, held.appName)));
      return app.metadata.uid === held.appUid ? app : undefined;
    } catch (error) {
      if (classify(error) === 'notFound') return undefined;
      throw error;
    }
  }

  #get(path: string): Promise<unknown> {
    return this.#options.client.request({ method: 'GET', path, timeoutSeconds: TIMEOUT_SECONDS });
  }

  #complain(error: unknown): void {
    const { log, lease, world } = this.#options;
    if (!this.operatorAway) world.setStandIns(NOBODY);
    this.#isForbidden = classify(error) === 'terminal';
    const advice = this.#isForbidden
      ? `: allow the scheduler to get the Lease ${lease.namespace}/${lease.name}, frameworks and persistentapps, and restart it`
      : '';
    log.warn({ err: error }, `it is not known whether the operator is away${advice}`);
  }
}

interface Found {
  readonly lostApp: LostApp;
  readonly app: PersistentApp;
  readonly frameworks: readonly Framework[];
}

const NOBODY: ReadonlyMap<string, StandIn> = new Map();
