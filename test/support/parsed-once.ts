/** More than a file of tests has at hand; property tests make new ones without end. */
const MOST = 500;

/**
 * The same parser, which reads what says the same only once: builders are asked for the same few objects thousands of times. What it answers
 * is shared between tests: it must not be changed.
 */
export function parsedOnce<T>(parse: (raw: unknown) => T): (raw: unknown) => T {
  const known = new Map<string, T>();
  return (raw) => {
    const text = JSON.stringify(raw);
    const before = known.get(text);
    if (before !== undefined) return before;
    const parsed = parse(raw);
    if (known.size >= MOST) known.clear();
    known.set(text, parsed);
    return parsed;
  };
}
