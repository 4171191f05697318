import type { Victim, Reclaim } from '../core/fairness/reclaim.ts';
import type { Clock } from '../kube/clock.ts';
import { type ReclaimClaim, type ReclaimClaims, leadOf } from './reclaim-claims.ts';
import { type Consent, ReclaimConsent, type ReclaimConsentOptions } from './reclaim-consent.ts';
import type { Leaving } from './reclaim-live-check.ts';
import type { ReservationWriter } from './reservation-writer.ts';

export interface ReclaimAskingOptions extends ReclaimConsentOptions {
  readonly reservations: Pick<ReservationWriter, 'newest'>;
  readonly claims: Pick<ReclaimClaims, 'add' | 'end' | 'of'>;
  readonly clock: Pick<Clock, 'epochSeconds'>;
}

/** The claim that all agreed to; or see Consent: `refused` without anybody also when its claimants ask no more. */
export type Asked = { readonly kind: 'agreed'; readonly claim: ReclaimClaim } | Exclude<Consent, { kind: 'given' }>;

interface Question {
  readonly reclaim: Reclaim;
  readonly members: readonly Leaving[];
  /** What is kept for the claimants until all have answered. */
  kept?: ReclaimClaim;
}

/** Turns what was found into a claim, if all who would have to go for it would. One question at a time. */
export class ReclaimAsking {
  readonly #options: ReclaimAskingOptions;
  readonly #consent: ReclaimConsent;
  #question: Question | undefined;

  constructor(options: ReclaimAskingOptions) {
    this.#options = options;
    this.#consent = new ReclaimConsent(options);
  }

  /** Throws as ReclaimConsent does. */
  async ask(reclaim: Reclaim): Promise<Asked> {
    const { claims, clock } = this.#options;
    const leaving = reclaim.victims.map((victim) => this.#leavingOf(victim));
    const members = leaving.flatMap((one) => one ?? []);
    // Less than all: the slot or the pod changed since the view was asked.
    if (members.length < leaving.length) return { kind: 'refused' };
    const consent = await this.#consentOf({ reclaim, members });
    if (consent.kind === 'refused') return consent;
    const { kept = claims.add(reclaim, members, clock.epochSeconds()) } = consent;
    return claims.of(leadOf(kept)) === kept ? { kind: 'agreed', claim: kept } : { kind: 'refused' };
  }

  /** Others' turns go on although not all have answered: from now on, until they have, the places that were found are the claimants'. */
  keepPlaces(): void {
    const { claims, clock } = this.#options;
    const question = this.#question;
    if (question !== undefined) question.kept ??= claims.add(question.reclaim, question.members, clock.epochSeconds());
  }

  async #consentOf(question: Question): Promise<Consent & Pick<Question, 'kept'>> {
    let isGiven = false;
    this.#question = question;
    try {
      const consent = await this.#consent.of(question.members);
      isGiven = consent.kind === 'given';
      return question.kept === undefined ? consent : { ...consent, kept: question.kept };
    } finally {
      this.#question = undefined;
      if (!isGiven && question.kept !== undefined) this.#options.claims.end(question.kept);
    }
  }

  #leavingOf({ app, framework, member, node }: Victim): Leaving | undefined {
    const slots = this.#options.reservations.newest(app)?.spec.slots ?? [];
    const slot = slots.find((one) => one.member === member && one.node === node && one.state === 'Claimed');
    return slot === undefined ? undefined : { app: { ...app, framework }, member, node, podUid: slot.podUID };
  }
}
