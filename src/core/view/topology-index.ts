/** The nodes by their values for one list of label keys: one entry per storage segment. */
export class LabelIndex {
  readonly #keys: readonly string[];
  /** A missing label counts as empty instead of keeping the node out. */
  readonly #optional: boolean;
  readonly #signatures: (string | undefined)[] = [];
  readonly #rows = new Map<string, Set<number>>();

  constructor(keys: readonly string[], optional: boolean) {
    this.#keys = keys;
    this.#optional = optional;
  }

  signatureOf(row: number): string | undefined {
    return this.#signatures[row];
  }

  rowsOf(signature: string): ReadonlySet<number> {
    return this.#rows.get(signature) ?? NOBODY;
  }

  /** The signature that a node with these labels has; undefined when one is missing. */
  signature(labels: Readonly<Record<string, string>>): string | undefined {
    let signature = '';
    for (const key of this.#keys) {
      const value = labels[key];
      if (value === undefined && !this.#optional) return undefined;
      signature += `${value ?? ''}\n`;
    }
    return signature;
  }

  set(row: number, labels: Readonly<Record<string, string>> | undefined): void {
    const signature = labels === undefined ? undefined : this.signature(labels);
    const before = this.#signatures[row];
    if (signature === before) return;
    this.#signatures[row] = signature;
    if (before !== undefined) this.#leave(row, before);
    if (signature === undefined) return;
    const rows = this.#rows.get(signature) ?? new Set();
    this.#rows.set(signature, rows.add(row));
  }

  #leave(row: number, signature: string): void {
    const rows = this.#rows.get(signature);
    rows?.delete(row);
    if (rows?.size === 0) this.#rows.delete(signature);
  }
}

const NOBODY: ReadonlySet<number> = new Set();

/** The label indexes in use: drivers use few lists of keys, so each is kept once for all storage classes. */
export class TopologyIndex {
  readonly #indexes = new Map<string, LabelIndex>();
  readonly #labels: (Readonly<Record<string, string>> | undefined)[] = [];

  /** The index over these keys (sorted); made over all nodes when it is new. */
  index(keys: readonly string[], optional = false): LabelIndex {
    const name = `${optional}\n${keys.join('\n')}`;
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const made = new LabelIndex(keys, optional);
    for (const [row, labels] of this.#labels.entries()) made.set(row, labels);
    this.#indexes.set(name, made);
    return made;
  }

  setNode(row: number, labels: Readonly<Record<string, string>> | undefined): void {
    this.#labels[row] = labels;
    for (const index of this.#indexes.values()) index.set(row, labels);
  }
}
