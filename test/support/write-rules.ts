const WRITE_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Leases, events, dry runs and reviews are not counted. */
export function isCountedWrite(method: string, path: string): boolean {
  if (!WRITE_METHODS.has(method)) return false;
  return !/dryRun=All|\/leases(\/|$|\?)|\/events(\/|$|\?)|(access|token)reviews/.test(path);
}

/** What happens to which write, each rule with a count of its own. */
export class WriteRules<Hit> {
  readonly #rules: { readonly match: RegExp; left: number; readonly hit: Hit }[] = [];

  /** The write number `at`, counted from now, of those whose `METHOD /path` match. */
  add(match: RegExp, at: number, hit: Hit): void {
    this.#rules.push({ match, left: at, hit });
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** Every rule counts every write; the first whose turn it is decides. */
  hitBy(write: string): Hit | undefined {
    const due = this.#rules.filter((rule) => rule.match.test(write) && (rule.left -= 1) === 0);
    return due[0]?.hit;
  }
}
