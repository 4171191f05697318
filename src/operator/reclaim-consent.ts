import { ANNOTATION_GIVES_BACK } from '../api/labels.ts';
import { readNumber, readString } from '../core/app/read-field.ts';
import { POD_DISRUPTION_BUDGET } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { ReclaimEviction } from './reclaim-eviction.ts';
import type { Leaving } from './reclaim-live-check.ts';

export interface ReclaimConsentOptions {
  readonly writer: Pick<Writer, 'get'>;
  readonly eviction: Pick<ReclaimEviction, 'ask'>;
}

/** Whether all would go now, or who would not: `refused` without one when somebody is gone already, so that all is to be looked at anew. */
export type Consent =
  | { readonly kind: 'given' }
  | { readonly kind: 'refused'; readonly by?: { readonly leaving: Leaving; readonly message: string } };

/** Asks members whether they would go, before anything is written: nobody goes when one of them would not, for then the others would go in vain. */
export class ReclaimConsent {
  readonly #options: ReclaimConsentOptions;

  constructor(options: ReclaimConsentOptions) {
    this.#options = options;
  }

  /** Nothing is changed. Throws what the API server answered about a budget, and NotLeaderError. */
  async of(members: readonly Leaving[]): Promise<Consent> {
    for (const leaving of members) {
      const answer = await this.#options.eviction.ask(leaving);
      if (answer.kind === 'done') continue;
      return answer.kind === 'refused' ? { ...REFUSED, by: { leaving, message: answer.message } } : REFUSED;
    }
    for (const together of byApp(members)) {
      const most = together.length < 2 ? 1 : await this.#budgetOf(together);
      const leaving = together[most];
      if (leaving === undefined) continue;
      const message = `its disruption budget lets ${most} go now, not ${together.length}`;
      return { ...REFUSED, by: { leaving, message } };
    }
    return { kind: 'given' };
  }

  /** How many of them the app's own budget lets go: of one that follows the slots that are given up, as many as it lets go one by one. */
  async #budgetOf(members: readonly Leaving[]): Promise<number> {
    const [first] = members;
    if (first === undefined) return 0;
    const budget = await this.#options.writer.get(POD_DISRUPTION_BUDGET, first.app.namespace, first.app.name);
    const allowed = readNumber(budget, 'status', 'disruptionsAllowed') ?? 0;
    const follows = readString(budget, 'metadata', 'annotations', ANNOTATION_GIVES_BACK) === 'true' && allowed > 0;
    return budget === undefined || follows ? members.length : allowed;
  }
}

const REFUSED = { kind: 'refused' } as const;

/** Members of each app together: their slots are in one Reservation, and one budget is about them. */
export function byApp<T extends Leaving>(members: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const member of members) groups.set(member.app.uid, [...(groups.get(member.app.uid) ?? []), member]);
  return [...groups.values()];
}
