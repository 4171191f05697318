export interface TierSettings {
  /** The files with its tests, as Jest's globs below the repository. */
  readonly files: readonly string[];
  /** What runs in their place when the whole tier is asked for: see test/unit/together.ts. */
  readonly together?: readonly string[];
  readonly flags: readonly string[];
  /** Bounds the whole tier. */
  readonly timeoutSeconds: number;
}

/** Files that take half a minute and more, the longest first: they are begun before the others (scripts/longest-first.ts). */
export const LONG_FILES: readonly string[] = [
  'e2e/recovery',
  'e2e/etcd',
  'e2e/volumes',
  'cluster/array/array-on-nodes',
  'cluster/embedded',
  'integration/three-nodes',
  'faults/crash-from-start-to-end',
  'faults/crash-while-changed',
  'faults/recovery',
  'integration/operator',
  'faults/decisions',
  'integration/shares',
  'integration/backup',
  'integration/karpenter',
  'integration/extender',
  'integration/operations',
  'integration/pools',
  'faults/frozen-leader',
  'integration/scheduler-agrees',
  'cluster/array/array',
  'integration/kube',
  'integration/kinds',
];

/**
 * Files of the integration tier that a run of all tiers leaves for the round of the real nodes: towards its end that has one long file, which
 * mostly waits for what Kubernetes does by the clock, and nothing else to do. Together they fill that end, and no more.
 */
export const LATE_FILES: readonly string[] = [
  'integration/operations',
  'integration/scheduler-agrees',
  'integration/kube',
  'integration/kinds',
  'integration/chart',
  'integration/command-line',
];

// Each worker has a cluster of its own, and waits for it half of the time. What a test that failed has left open must not keep Jest from
// ending; the clusters' keepers end what is left.
const SIDE_BY_SIDE = ['--maxWorkers=4', '--forceExit', '--testSequencer=<rootDir>/scripts/longest-first.ts'];

// Most of their time goes by in waiting for what a cluster does by the clock (a kubelet that is silent for 20 s), but more than three
// would disturb each other while their nodes start.
const BY_THREES = ['--maxWorkers=3', '--forceExit', '--testSequencer=<rootDir>/scripts/longest-first.ts'];

/** Tests of the cluster itself that use its real nodes, or the machine's loop devices, as e2e tests do. */
const ON_REAL_NODES = 'embedded|array-on-nodes|sanity';

/** The tiers of tests. */
export const TIERS = {
  unit: {
    files: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    together: ['test/unit/{core,kube,programs}.ts'],
    // One for each group; on a small machine one of them waits for timers while the others compute.
    flags: ['--maxWorkers=3'],
    timeoutSeconds: 180,
  },
  laws: { files: ['test/{laws,support}/**/*.test.ts'], flags: ['--maxWorkers=3'], timeoutSeconds: 300 },
  integration: {
    files: ['test/integration/**/*.test.ts', `test/cluster/**/!(${ON_REAL_NODES}).test.ts`],
    flags: SIDE_BY_SIDE,
    timeoutSeconds: 1200,
  },
  faults: { files: ['test/faults/**/*.test.ts'], flags: SIDE_BY_SIDE, timeoutSeconds: 1200 },
  e2e: {
    files: ['test/e2e/**/*.test.ts', `test/cluster/**/@(${ON_REAL_NODES}).test.ts`],
    flags: BY_THREES,
    timeoutSeconds: 1800,
  },
} as const satisfies Record<string, TierSettings>;

export type Tier = keyof typeof TIERS;

/** The order in which they run. Those named together share their workers, so that none waits for another tier's last file. */
export const ROUNDS: readonly (readonly Tier[])[] = [['unit', 'laws'], ['integration', 'faults'], ['e2e']];

export function isTier(name: string): name is Tier {
  return Object.hasOwn(TIERS, name);
}

/** Whose a test file is: its path below the repository, as Jest was given it. */
export function tierOf(path: string): Tier {
  const [folder = '', second = ''] = path.split('/');
  if (folder !== 'test' || second === 'unit') return 'unit';
  if (second === 'laws' || second === 'support') return 'laws';
  if (second === 'faults') return 'faults';
  if (second === 'e2e' || new RegExp(`/(${ON_REAL_NODES})\\.test\\.ts$`).test(path)) return 'e2e';
  return 'integration';
}
