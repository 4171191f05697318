/** What a person sees while the cluster's programs are built, for minutes. */
export interface BuildProgress {
  /** Everything is downloaded; `packages` is how many there are to compile at most. */
  compiling(packages: number): void;
  /** So many more packages are compiled. */
  packages(count: number): void;
  built(title: string): void;
  stop(): void;
}

/** Lines at the beginning and at each end, and one every 15 s with the time and how far it is. */
export function buildProgress(titles: readonly string[], onProgress: (line: string) => void): BuildProgress {
  const started = performance.now();
  const elapsed = (): string => minutesAndSeconds((performance.now() - started) / 1000);
  let total: number | undefined;
  let done = 0;
  onProgress(`Building ${titles.join('; ')} (once; minutes)`);
  const state = (): string =>
    total === undefined ? 'downloading sources' : `compiling, ${Math.min(done, total)} of ${total} packages`;
  const timer = setInterval(() => onProgress(`Building … ${elapsed()}: ${state()}`), 15_000);
  return {
    compiling: (packages) => {
      total = packages;
    },
    packages: (count) => {
      done += count;
    },
    built: (title) => onProgress(`Built ${title} after ${elapsed()}`),
    stop: () => clearInterval(timer),
  };
}

/** `3m12s`, or `12s` below a minute. */
export function minutesAndSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}
