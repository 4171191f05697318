/** Where a class could not make a volume, and until when it is not tried there again (epoch seconds). */
export class ProvisioningFailures {
  readonly #until = new Map<string, number>();

  /** Whether there were failures, of which some may have ended since. */
  get areAny(): boolean {
    return this.#until.size > 0;
  }

  set(node: string, storageClassName: string, untilSeconds: number): void {
    this.#until.set(`${node} ${storageClassName}`, untilSeconds);
  }

  /** 0: it may be tried. */
  until(node: string, storageClassName: string): number {
    return this.#until.size === 0 ? 0 : (this.#until.get(`${node} ${storageClassName}`) ?? 0);
  }
}
