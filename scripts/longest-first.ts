// The order in which Jest begins test files: those that take longest first, so that none is left over when the others are done. Jest itself
// would go by their sizes.
import { LONG_FILES } from '../test/tiers.ts';

interface TestFile {
  readonly path: string;
}

/** Names of the list first, in its order; the others as they come. */
export function longestFirst<T extends TestFile>(files: readonly T[]): T[] {
  const place = ({ path }: TestFile): number => {
    const found = LONG_FILES.findIndex((name) => path.endsWith(`/${name}.test.ts`));
    return found === -1 ? LONG_FILES.length : found;
  };
  return files.toSorted((a, b) => place(a) - place(b));
}

class LongestFirst {
  sort<T extends TestFile>(files: readonly T[]): T[] {
    return longestFirst(files);
  }

  allFailedTests<T extends TestFile>(files: readonly T[]): T[] {
    return [...files];
  }

  shard<T extends TestFile>(files: readonly T[]): T[] {
    return [...files];
  }

  cacheResults(): void {}
}

// oxlint-disable-next-line import/no-default-export -- Jest takes a sequencer from there only
export { LongestFirst as default };
