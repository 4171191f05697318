import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { BREAKER_PERCENT } from '../core/recovery/circuit-breaker.ts';
import type { ZoneLossPolicy } from '../core/recovery/zone-loss.ts';

/** How one operator process runs. Seconds are whole numbers unless a test says otherwise. */
export interface OperatorOptions {
  /** Undefined: KUBECONFIG, then the credentials of the pod. */
  readonly kubeconfigPath: string | undefined;
  /** Where the leader's Lease lives. */
  readonly namespace: string;
  /** Who holds the Lease: unique among replicas. */
  readonly identity: string;
  readonly leaseName: string;
  readonly leaseSeconds: number;
  readonly renewSeconds: number;
  readonly retrySeconds: number;
  readonly httpHost: string;
  /** 0: any free port (it is logged); undefined: no HTTP server. */
  readonly httpPort: number | undefined;
  readonly schedulerName: string;
  /** PriorityClass for members whose template names none; empty: none is installed. */
  readonly memberPriorityClass: string;
  /** Whether nodes that hold local volumes of members get annotations that keep autoscalers away. */
  readonly protectNodes: boolean;
  /** Whether lost nodes may be declared out of service. */
  readonly nodeTaints: boolean;
  /** What is done when all nodes of one zone are lost at once. */
  readonly zoneLoss: ZoneLossPolicy;
  /** Of all nodes, how many may look dead at once before nothing is moved any more, in percent. */
  readonly breakerPercent: number;
  /** Who is asked to cut lost nodes off where nothing else proves that they stopped; undefined: nobody. */
  readonly fencingHook:
    | { readonly url: string; readonly tokenPath: string | undefined; readonly timeoutSeconds: number }
    | undefined;
  /** Whether kubelets are asked how full volumes are, and whether their certificates must be good. */
  readonly volumeStats: VolumeStats;
  /** Whose tokens they are shown, in `namespace`. */
  readonly volumeStatsAccount: string;
  /** Between two looks. */
  readonly volumeStatsSeconds: number;
  readonly logLevel: LogLevel;
  /** How long changes are gathered before the allocator takes a turn. */
  readonly turnSeconds: number;
  /** How many apps are reconciled side by side. */
  readonly concurrency: number;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const VOLUME_STATS = ['verify', 'insecure', 'off'] as const;
export type VolumeStats = (typeof VOLUME_STATS)[number];

type Flag = { readonly default: string; readonly says: string };

/** Every flag, in the order of the help text. `--http-port` is also the environment variable PROFFER_HTTP_PORT. */
const FLAGS = {
  kubeconfig: { default: '', says: 'path of a kubeconfig (else KUBECONFIG, else the credentials of the pod)' },
  namespace: { default: 'proffer-system', says: 'namespace of the Lease (else POD_NAMESPACE)' },
  identity: { default: '', says: 'holder name in the Lease (else POD_NAME, else host name and process id)' },
  'lease-name': { default: 'proffer-operator', says: 'name of the Lease' },
  'lease-seconds': { default: '15', says: 'how long the Lease outlives a silent leader' },
  'renew-seconds': { default: '10', says: 'how long the leader tries to renew before it steps down' },
  'retry-seconds': { default: '2', says: 'pause between attempts to take or renew the Lease' },
  'http-host': { default: '0.0.0.0', says: 'address of /metrics, /livez and /readyz' },
  'http-port': { default: '8080', says: 'their port; 0 takes a free one, off serves none' },
  'scheduler-name': { default: 'proffer-scheduler', says: 'schedulerName of members' },
  'member-priority-class': { default: '', says: 'PriorityClass of members whose template names none' },
  'protect-nodes': {
    default: 'on',
    says: 'keep autoscalers from removing nodes with local volumes of members: on, off',
  },
  'node-taints': {
    default: 'on',
    says: 'declare lost nodes out of service where that is safe for all volumes there: on, off',
  },
  'zone-loss': {
    default: 'manual',
    says: 'when all nodes of one zone are lost at once, and no others: manual (nothing is moved) or automatic',
  },
  'breaker-percent': {
    default: String(BREAKER_PERCENT),
    says: 'when more than one node, and more than so many percent of all, look dead at once, nothing is moved',
  },
  'fencing-hook-url': {
    default: '',
    says: 'http(s) address that is asked to cut lost nodes off where nothing else proves that they stopped',
  },
  'fencing-hook-token-file': { default: '', says: 'file with the bearer token for it' },
  'fencing-hook-timeout-seconds': { default: '60', says: 'how long it may take to answer' },
  'volume-stats': {
    default: 'off',
    says: 'ask kubelets how full volumes are that may grow by themselves: verify (their certificates), insecure, off',
  },
  'volume-stats-account': { default: 'proffer-volume-stats', says: 'service account whose tokens kubelets are shown' },
  'volume-stats-seconds': { default: '30', says: 'pause between two looks' },
  'log-level': { default: 'info', says: LOG_LEVELS.join(', ') },
  'turn-seconds': { default: '0.1', says: 'how long changes are gathered before the allocator takes a turn' },
  concurrency: { default: '8', says: 'apps reconciled side by side' },
} as const satisfies Record<string, Flag>;

type FlagName = keyof typeof FLAGS;

/** One line per flag, for `proffer help`. */
export function operatorFlagsHelp(): string {
  return Object.entries(FLAGS)
    .map(([name, flag]) => `  --${name.padEnd(24)}${flag.says}${flag.default === '' ? '' : ` (${flag.default})`}`)
    .join('\n');
}

/** Flags win over PROFFER_* variables, which win over defaults. Throws a sentence that names the flag. */
export function parseOperatorOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): OperatorOptions {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
  const text = (name: FlagName, ...fallbacks: readonly (string | undefined)[]): string => {
    const given = [values[name], env[`PROFFER_${name.toUpperCase().replaceAll('-', '_')}`], ...fallbacks];
    return given.find((value): value is string => typeof value === 'string' && value !== '') ?? FLAGS[name].default;
  };
  const lease = {
    leaseSeconds: seconds(text, 'lease-seconds'),
    renewSeconds: seconds(text, 'renew-seconds'),
    retrySeconds: seconds(text, 'retry-seconds'),
  };
  if (!(lease.leaseSeconds > lease.renewSeconds && lease.renewSeconds > lease.retrySeconds)) {
    throw new Error(
      '--lease-seconds must be longer than --renew-seconds, and that longer than --retry-seconds: a leader must stop before another may start',
    );
  }
  return {
    kubeconfigPath: text('kubeconfig') === '' ? undefined : text('kubeconfig'),
    namespace: text('namespace', env['POD_NAMESPACE']),
    identity: text('identity', env['POD_NAME'], `${hostname()}-${process.pid}`),
    leaseName: text('lease-name'),
    ...lease,
    httpHost: text('http-host'),
    httpPort: text('http-port') === 'off' ? undefined : whole(text, 'http-port', 0, 65_535),
    schedulerName: text('scheduler-name'),
    memberPriorityClass: text('member-priority-class'),
    protectNodes: onOrOff(text, 'protect-nodes'),
    nodeTaints: onOrOff(text, 'node-taints'),
    zoneLoss: zoneLoss(text('zone-loss')),
    breakerPercent: whole(text, 'breaker-percent', 0, 100),
    fencingHook: fencingHook(text),
    volumeStats: volumeStats(text('volume-stats')),
    volumeStatsAccount: text('volume-stats-account'),
    volumeStatsSeconds: seconds(text, 'volume-stats-seconds'),
    logLevel: logLevel(text('log-level')),
    turnSeconds: seconds(text, 'turn-seconds'),
    concurrency: whole(text, 'concurrency', 1, 64),
  };
}

function zoneLoss(given: string): ZoneLossPolicy {
  if (given !== 'manual' && given !== 'automatic')
    throw new Error(`--zone-loss must be manual or automatic, not "${given}"`);
  return given === 'automatic' ? 'Automatic' : 'Manual';
}

function fencingHook(text: (name: FlagName) => string): OperatorOptions['fencingHook'] {
  const url = text('fencing-hook-url');
  if (url === '') return undefined;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new Error(`--fencing-hook-url must be an http or https address, not "${url}"`);
  const tokenPath = text('fencing-hook-token-file');
  const timeoutSeconds = seconds(text, 'fencing-hook-timeout-seconds');
  return { url, tokenPath: tokenPath === '' ? undefined : tokenPath, timeoutSeconds };
}

function seconds(text: (name: FlagName) => string, name: FlagName): number {
  const value = Number(text(name));
  if (!Number.isFinite(value) || value <= 0)
    throw new Error(`--${name} must be a number of seconds above 0, not "${text(name)}"`);
  return value;
}

function whole(text: (name: FlagName) => string, name: FlagName, least: number, most: number): number {
  const value = Number(text(name));
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(
      `--${name} must be a whole number from ${least} to ${most}${name === 'http-port' ? ' or off' : ''}, not "${text(name)}"`,
    );
  }
  return value;
}

function onOrOff(text: (name: FlagName) => string, name: FlagName): boolean {
  const given = text(name);
  if (given !== 'on' && given !== 'off') throw new Error(`--${name} must be on or off, not "${given}"`);
  return given === 'on';
}

function logLevel(given: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === given);
  if (level === undefined) throw new Error(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not "${given}"`);
  return level;
}

function volumeStats(given: string): VolumeStats {
  const known = VOLUME_STATS.find((word) => word === given);
  if (known === undefined) throw new Error(`--volume-stats must be one of ${VOLUME_STATS.join(', ')}, not "${given}"`);
  return known;
}
