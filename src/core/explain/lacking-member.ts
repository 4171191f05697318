import type { AppPlacement } from '../placement/app-placement.ts';
import type { MemberNeed } from '../placement/member-need.ts';
import { type NodeReport, reportNodes } from './node-report.ts';

/** A member that has no place, and its app as it is placed so far. Apps of a gang are on one scratch. */
export interface LackingMember {
  readonly placement: AppPlacement;
  readonly need: MemberNeed;
}

/** Of each app, why the nodes refuse the first of its members that was asked about: what is like that for its others too. */
export class AppReports {
  readonly #known: Map<AppPlacement, readonly NodeReport[]>;

  /** `blocked` is known already. */
  constructor(blocked: AppPlacement, reports: readonly NodeReport[]) {
    this.#known = new Map([[blocked, reports]]);
  }

  of({ placement, need }: LackingMember): readonly NodeReport[] {
    const known = this.#known.get(placement) ?? reportNodes(placement, need);
    this.#known.set(placement, known);
    return known;
  }
}
