import { admitMember } from './admit-member.ts';
import { admitOther } from './admit-other.ts';
import type { AdmissionWorld, AskingPod } from './admission-world.ts';
import type { Candidates } from './candidates.ts';
import type { FilterAnswer, FilterDecision } from './filter-decision.ts';
import type { AdmissionLedger } from './ledger.ts';
import { whichMember, type Whose } from './which-member.ts';

/** A decision, and who it was for: undefined member means another pod, or one that could not prove what it is. */
export interface Verdict extends FilterDecision {
  readonly whose: Whose;
}

/**
 * Which of the candidates the pod may use. The same pod may ask again at any time and gets the same answer: what it was promised
 * before is taken back from the ledger first. Whoever gives the answer records the new admission.
 */
export function admit(pod: AskingPod, candidates: Candidates, world: AdmissionWorld, ledger: AdmissionLedger): Verdict {
  ledger.release(pod.uid);
  const whose = whichMember(pod, world);
  switch (whose.kind) {
    case 'member':
      return { whose, ...admitMember({ pod, member: whose.member, candidates, world, ledger }) };
    case 'unresolved': {
      const answer: FilterAnswer = {
        kind: 'refused',
        reason: 'OwnerUnresolved',
        message: `pod ${pod.name} ${whose.message} (OwnerUnresolved)`,
        forNow: false,
      };
      return { whose, answer, admission: undefined };
    }
    default:
      return { whose, ...admitOther(pod, candidates) };
  }
}
