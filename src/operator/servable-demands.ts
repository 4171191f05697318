import type { Demand } from '../core/allocator/demand.ts';
import type { Clock } from '../kube/clock.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { GangWriter } from './gang-writer.ts';
import type { Log } from './log.ts';
import { PATIENCE_SECONDS, endsWithin } from './patience.ts';
import { isUsable, type ReservationWriter } from './reservation-writer.ts';

/** Before what is proposed and could not be settled is looked at again. */
const RETRY_SECONDS = 1;

const NOWHERE: ReadonlySet<string> = new Set();

export interface ServableDemandsOptions {
  readonly reservations: Pick<ReservationWriter, 'newest'>;
  readonly gangs: Pick<GangWriter, 'isUnsettled' | 'settleAll' | 'unsettled'>;
  /** Why a demand of a gang must wait for other apps; `demandOf` says what they ask for now, by key. */
  readonly gangWait: (demand: Demand, demandOf: (appKey: string) => Demand | undefined) => string | undefined;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'warn'>;
}

/** A demand of a gang that cannot be decided about now, and why not. */
export interface WaitingDemand {
  readonly demand: Demand;
  readonly wait: string;
}

/**
 * Which demands a turn is about: those that are still wanted and for which nothing is being written, and of gangs those of whom all apps
 * ask, where nothing is half done.
 */
export class ServableDemands {
  readonly #options: ServableDemandsOptions;
  readonly #isUnderWay: (appKey: string) => boolean;

  /** `isUnderWay`: whether slots of an app (namespace/name) are being written. */
  constructor(options: ServableDemandsOptions, isUnderWay: (appKey: string) => boolean) {
    this.#options = options;
    this.#isUnderWay = isUnderWay;
  }

  /** Of all demands, by key of the app, those that can be decided about now. `nudge`: a turn is to be taken. Never throws. */
  async of(
    demands: ReadonlyMap<string, Demand>,
    nudge: () => void,
  ): Promise<{ readonly servable: readonly Demand[]; readonly waiting: readonly WaitingDemand[] }> {
    const unsettled = await this.#settleGangs(nudge);
    const servable: Demand[] = [];
    const waiting: WaitingDemand[] = [];
    for (const known of demands.values()) {
      if (this.#isBeingWritten(known)) continue;
      const demand = this.#stillWanted(known);
      if (demand?.gang === undefined) {
        if (demand !== undefined) servable.push(demand);
        continue;
      }
      if (unsettled.has(demand.app.namespace)) continue;
      const wait = this.#options.gangWait(demand, (key) => demands.get(key));
      if (wait === undefined) servable.push(demand);
      else waiting.push({ demand, wait });
    }
    return { servable, waiting };
  }

  /** Ends what an earlier leader, or a write that failed, left half done; answers where that is still to do. */
  async #settleGangs(nudge: () => void): Promise<ReadonlySet<string>> {
    const { gangs, clock, log } = this.#options;
    if (!gangs.isUnsettled) return NOWHERE;
    const settling = gangs.settleAll().catch((error: unknown) => {
      log.warn({ err: error }, 'slots of gangs that are proposed could not be settled; that is tried again');
    });
    await endsWithin(clock, PATIENCE_SECONDS, settling);
    if (gangs.isUnsettled) clock.after(RETRY_SECONDS, nudge);
    return gangs.unsettled;
  }

  /** The slots of the app, or of another one of its gang: what that one has now is about to change. */
  #isBeingWritten({ app, gang }: Demand): boolean {
    const names = gang === undefined ? [app.name] : [app.name, ...gang.apps];
    return names.some((name) => this.#isUnderWay(objectKey(app.namespace, name)));
  }

  /** A demand less the members that got a slot since it was made. */
  #stillWanted(demand: Demand): Demand | undefined {
    const slots = this.#options.reservations.newest(demand.app)?.spec.slots.filter(isUsable) ?? [];
    const settled = new Set(slots.map((slot) => slot.member));
    const members = demand.members.filter(({ member }) => !settled.has(member));
    if (members.length === demand.members.length) return demand;
    return members.length === 0
      ? undefined
      : { ...demand, members, placed: slots.map(({ member, node }) => ({ member, node })) };
  }
}
