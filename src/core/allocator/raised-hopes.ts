import type { Turn } from '../fairness/demand-turns.ts';
import type { EngineChanges, PlacementEngine } from '../placement/placement-engine.ts';
import { Answers } from './answers.ts';
import type { AcceptedSlot, Decision } from './decision.ts';
import type { AppRef } from './demand.ts';
import type { Hope } from './hope.ts';
import type { Round } from './round.ts';
import { DemandServer } from './serve-demand.ts';

/**
 * What those hope for who were declined, of whom some may be helped by what changed since. Only these are served; the others keep
 * their places in the order of turns, since they hold up who comes after them in their queues, and are declined as before.
 */
export class RaisedHopes {
  readonly #byApp: ReadonlyMap<AppRef, Hope>;
  readonly #changes: EngineChanges;
  readonly #engine: PlacementEngine;
  readonly #raised: Hope[];
  /** Apps of which members were placed and others wait: where the first ones are now, any node may be good for the others. */
  readonly #begun = new Set<AppRef>();

  constructor(byApp: ReadonlyMap<AppRef, Hope>, changes: EngineChanges, engine: PlacementEngine) {
    this.#byApp = byApp;
    this.#changes = changes;
    this.#engine = engine;
    this.#raised = [...new Set(byApp.values())].filter((hope) => this.#isRaised(hope));
  }

  /** Nobody can be helped, or not any more. */
  get areNone(): boolean {
    return this.#raised.length === 0;
  }

  /** Those who got something, in the order of turns; everybody else is declined as before. The round is one that was restarted. */
  serve({ tree, turns }: Round, now: number): readonly Decision[] {
    const server = new DemandServer(this.#engine.run.view, tree, now, this.#engine);
    const answers = new Answers();
    const serve = ({ unit, isPart, hasRest }: Turn): readonly AcceptedSlot[] | undefined => {
      const { app } = unit.lead;
      if (!this.#mayBeHelped(app)) return undefined;
      const placed = answers.note(server.serveUnit(unit), isPart);
      if (placed !== undefined) this.#forgetSpent();
      if (placed !== undefined && hasRest) this.#begun.add(app);
      else this.#begun.delete(app);
      return placed;
    };
    while ((!this.areNone || this.#begun.size > 0) && turns.take(serve));
    return answers.all.filter(({ kind }) => kind === 'accept');
  }

  #mayBeHelped(app: AppRef): boolean {
    const hope = this.#byApp.get(app);
    return hope !== undefined && (this.#begun.has(app) || this.#isRaised(hope));
  }

  /** Something was placed. Room only shrinks while members are served that have nothing yet: a hope that is gone stays gone. */
  #forgetSpent(): void {
    for (let last = this.#raised.at(-1); last !== undefined && !this.#isRaised(last); last = this.#raised.at(-1)) {
      this.#raised.pop();
    }
  }

  #isRaised(hope: Hope): boolean {
    return hope.isRaisedBy(this.#changes, this.#engine);
  }
}
