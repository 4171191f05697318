import { parseArgs } from 'node:util';
import { EXTENDER_PORT } from './scheduler-config.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** How one extender process runs. */
export interface ExtenderOptions {
  /** Undefined: KUBECONFIG, then the credentials of the pod. */
  readonly kubeconfigPath: string | undefined;
  /** On 127.0.0.1. 0: any free port (it is logged). */
  readonly port: number;
  /** Where the kubelet and Prometheus reach /livez, /readyz and /metrics, and nothing else. */
  readonly httpHost: string;
  /** 0: any free port (it is logged); undefined: served beside filter only. */
  readonly httpPort: number | undefined;
  /** The scheduler that asks: its pods are followed until they are bound. */
  readonly schedulerName: string;
  /** The operator's Lease: while nobody renews it, single members may move without it. */
  readonly operatorLease: { readonly namespace: string; readonly name: string };
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

const FLAGS = {
  kubeconfig: { default: '', says: 'path of a kubeconfig (else KUBECONFIG, else the credentials of the pod)' },
  port: {
    default: String(EXTENDER_PORT),
    says: 'where filter, prioritize and preempt listen, on 127.0.0.1; 0 takes a free one',
  },
  'http-host': { default: '0.0.0.0', says: 'address of /metrics, /livez and /readyz' },
  'http-port': { default: '8081', says: 'their port; 0 takes a free one, off serves them on --port only' },
  'scheduler-name': {
    default: 'proffer-scheduler',
    says: 'the schedulerName whose pods come here, as in the KubeSchedulerConfiguration',
  },
  'operator-namespace': { default: 'proffer-system', says: "namespace of the operator's Lease (else POD_NAMESPACE)" },
  'operator-lease': { default: 'proffer-operator', says: "name of the operator's Lease" },
  'log-level': { default: 'info', says: LOG_LEVELS.join(', ') },
} as const;

/** One line per flag, for `proffer help`. */
export function extenderFlagsHelp(): string {
  return Object.entries(FLAGS)
    .map(([name, flag]) => `  --${name.padEnd(24)}${flag.says}${flag.default === '' ? '' : ` (${flag.default})`}`)
    .join('\n');
}

/** Flags win over PROFFER_* variables, which win over defaults. Throws a sentence that names the flag. */
export function parseExtenderOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ExtenderOptions {
  const options = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
  const text = (name: keyof typeof FLAGS, otherwise?: string): string => {
    const given = [values[name], env[`PROFFER_EXTENDER_${name.toUpperCase().replaceAll('-', '_')}`], otherwise];
    return given.find((value): value is string => typeof value === 'string' && value !== '') ?? FLAGS[name].default;
  };
  const logLevel = LOG_LEVELS.find((level) => level === text('log-level'));
  if (logLevel === undefined)
    throw new Error(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not "${text('log-level')}"`);
  return {
    kubeconfigPath: text('kubeconfig') === '' ? undefined : text('kubeconfig'),
    port: portOf('port', text('port')),
    httpHost: text('http-host'),
    httpPort: text('http-port') === 'off' ? undefined : portOf('http-port', text('http-port')),
    schedulerName: text('scheduler-name'),
    operatorLease: { namespace: text('operator-namespace', env['POD_NAMESPACE']), name: text('operator-lease') },
    logLevel,
  };
}

function portOf(flag: 'port' | 'http-port', text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(
    `--${flag} must be a whole number from 0 to 65535${flag === 'http-port' ? ' or off' : ''}, not "${text}"`,
  );
}
