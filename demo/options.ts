import { parseArgs } from 'node:util';
import {
  DISASTER_FLAGS,
  type DisasterOptions,
  disasterUsage,
  parseDisasterOptions,
} from './disasters/disaster-options.ts';

const FLAVOURS = ['embedded', 'kind', 'current'] as const;
export type ClusterFlavour = (typeof FLAVOURS)[number];

/** etcd: an app that loses a pod. offers: teams that share a cluster, and a gang that waits. storage: what becomes of volumes. */
export const SCENARIOS = ['etcd', 'offers', 'storage'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** What only the embedded cluster has. */
const NEEDS = { offers: 'fake nodes', storage: 'the test array' } as const satisfies Partial<Record<Scenario, string>>;

export interface DemoOptions {
  readonly scenario: Scenario;
  /** Undefined: the scenario is played. */
  readonly disaster: DisasterOptions | undefined;
  readonly cluster: ClusterFlavour;
  /** Leave when the story is told, instead of staying up. */
  readonly once: boolean;
  /** The last line on standard output is one JSON object. */
  readonly json: boolean;
  /** How long nothing may be written at the end. */
  readonly restSeconds: number;
  /** Which file of examples/pools to use on a cluster that is not ours. */
  readonly pool: string;
  /** Values of the chart, `name=value` as for `helm --set`. */
  readonly set: readonly string[];
}

export const DEMO_USAGE = `npm run demo -- [--scenario=etcd|offers|storage | --disaster=NAME] [--once] [--json] [--cluster=embedded|kind|current] [--rest-seconds=N] [--pool=NAME] [--set=NAME=VALUE]…

  --scenario=etcd      a three-member etcd loses a pod and goes on where it left off (default)
  --scenario=offers    three teams share 20 fake nodes; a gang waits and is told what would help (embedded only)
  --scenario=storage   PostgreSQL: a disk grows, a lost table comes back from a backup, volumes outlive members and app (embedded only)
${disasterUsage()}
  --cluster=embedded   a real cluster on this machine: Linux, root (default)
  --cluster=kind       a kind cluster: Docker and kind
  --cluster=current    the cluster of your kubeconfig; Proffer is installed there
  --once               leave when done; otherwise the cluster stays up with a kubeconfig to play with
  --json               one summary object as the last line
  --rest-seconds=N     how long to watch for writes at rest (default 15)
  --pool=NAME          the file of examples/pools to use with kind or current (default kind-standard)
  --set=NAME=VALUE     a value of the chart, as for helm; for instance --set=image.repository=registry.example/proffer`;

/** Throws with a sentence for a person when an argument is not understood. */
export function parseDemoOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scenario: { type: 'string', default: 'etcd' },
      ...DISASTER_FLAGS,
      cluster: { type: 'string', default: 'embedded' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'rest-seconds': { type: 'string', default: '15' },
      pool: { type: 'string', default: 'kind-standard' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const cluster = flavourOf(values.cluster);
  const scenario = SCENARIOS.find((known) => known === values.scenario);
  if (scenario === undefined) {
    throw new Error(`--scenario=${values.scenario} is not known: ${SCENARIOS.join(' or ')}`);
  }
  if (scenario !== 'etcd' && cluster !== 'embedded') {
    throw new Error(
      `--scenario=${scenario} needs ${NEEDS[scenario]}, which a ${cluster} cluster has not: leave --cluster out`,
    );
  }
  const restSeconds = Number(values['rest-seconds']);
  if (!Number.isInteger(restSeconds) || restSeconds < 0 || restSeconds > 600) {
    throw new Error(`--rest-seconds=${values['rest-seconds']} is not a whole number from 0 to 600`);
  }
  const disaster = parseDisasterOptions(values, cluster);
  const { once, json, pool, set } = values;
  return { scenario, disaster, cluster, once, json, restSeconds, pool, set };
}

function flavourOf(text: string): ClusterFlavour {
  const flavour = FLAVOURS.find((known) => known === text);
  if (flavour === undefined) throw new Error(`--cluster=${text} is not known: embedded, kind or current`);
  return flavour;
}
