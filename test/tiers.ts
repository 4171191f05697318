export interface TierSettings {
  /** The files with its tests, as Jest's globs below the repository. */
  readonly files: readonly string[];
  /** What runs in their place when the whole tier is asked for: see test/unit/together.ts. */
  readonly together?: readonly string[];
  readonly flags: readonly string[];
  /** Bounds the whole tier. */
  readonly timeoutSeconds: number;
}

// Each worker has a cluster of its own, and waits for it most of the time.
const SIDE_BY_SIDE = ['--maxWorkers=3'];

// One after another: times are told here, and three real nodes fill a small machine.
const ALONE = ['--runInBand'];

/** Tests of the cluster itself that use its real nodes, or the machine's loop devices, as e2e tests do. */
const ON_REAL_NODES = 'embedded|array-on-nodes|sanity';

/** The tiers of tests, in the order they run. */
export const TIERS = {
  unit: {
    files: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    together: ['test/unit/{core,kube,programs}.ts'],
    // One for each group; on a small machine one of them waits for timers while the others compute.
    flags: ['--maxWorkers=3'],
    timeoutSeconds: 180,
  },
  laws: { files: ['test/{laws,support}/**/*.test.ts'], flags: ['--maxWorkers=2'], timeoutSeconds: 300 },
  integration: {
    files: ['test/integration/**/*.test.ts', `test/cluster/**/!(${ON_REAL_NODES}).test.ts`],
    flags: SIDE_BY_SIDE,
    timeoutSeconds: 1200,
  },
  faults: { files: ['test/faults/**/*.test.ts'], flags: SIDE_BY_SIDE, timeoutSeconds: 1800 },
  e2e: {
    files: ['test/e2e/**/*.test.ts', `test/cluster/**/@(${ON_REAL_NODES}).test.ts`],
    flags: ALONE,
    timeoutSeconds: 1800,
  },
} as const satisfies Record<string, TierSettings>;

export type Tier = keyof typeof TIERS;

export function isTier(name: string): name is Tier {
  return Object.hasOwn(TIERS, name);
}
