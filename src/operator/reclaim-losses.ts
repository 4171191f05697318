/** A member that went for somebody else, and the words for that. */
export interface Loss {
  readonly member: string;
  readonly text: string;
}

/** Apps of which it is known for whom they lost a member. */
const REMEMBERED = 1000;

/** By UID of the app: which member it lost last, and for whom. */
export class ReclaimLosses {
  readonly #lost = new Map<string, Loss>();

  of(appUid: string): Loss | undefined {
    return this.#lost.get(appUid);
  }

  note(appUid: string, loss: Loss): void {
    this.#lost.delete(appUid);
    this.#lost.set(appUid, loss);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > REMEMBERED && oldest !== undefined) this.#lost.delete(oldest);
  }

  forget(appUid: string): void {
    this.#lost.delete(appUid);
  }
}
