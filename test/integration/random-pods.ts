// Random nodes, pods and pod templates, small enough in their labels and values that rules meet what they are about.
import * as fc from 'fast-check';

type Json = Readonly<Record<string, unknown>>;

export const NAMESPACES = { red: { team: 'red' }, blue: { team: 'blue' }, plain: {} } as const;
const NAMES = Object.keys(NAMESPACES);

const HOST = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';
const TOPOLOGIES = [HOST, ZONE, 'rack'] as const;

/** Small numbers no more often than others. */
const evenly = fc.noBias(fc.nat(99));

/** `value` in so many of a hundred cases, else nothing. */
const sometimes = <T>(percent: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  evenly.chain((roll): fc.Arbitrary<T | undefined> => (roll < percent ? value : fc.constant(undefined)));

/** Without the fields that are undefined. */
const record = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Json> =>
  fc.record(fields).map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

const labels = record({
  app: sometimes(90, fc.constantFrom('web', 'db', 'log')),
  tier: sometimes(70, fc.constantFrom('hot', 'cold')),
});

const requirement = (keys: readonly string[], values: readonly string[]): fc.Arbitrary<Json> =>
  fc.oneof(
    record({
      key: fc.constantFrom(...keys),
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }),
    }),
    record({ key: fc.constantFrom(...keys), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  );

const selector = fc.oneof(
  { weight: 4, arbitrary: record({ matchLabels: record({ app: fc.constantFrom('web', 'db', 'log') }) }) },
  {
    weight: 2,
    arbitrary: record({
      matchExpressions: fc.array(requirement(['app'], ['web', 'db', 'log']), { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);

const podTerm = record({
  topologyKey: fc.constantFrom(...TOPOLOGIES),
  labelSelector: selector,
  namespaces: sometimes(25, fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 })),
  namespaceSelector: sometimes(
    30,
    fc.constantFrom({}, { matchLabels: { team: 'red' } }, { matchExpressions: [{ key: 'team', operator: 'Exists' }] }),
  ),
  matchLabelKeys: sometimes(15, fc.constant(['tier'])),
});

const podTerms = fc.oneof(
  { weight: 3, arbitrary: fc.array(podTerm, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(podTerm, { minLength: 2, maxLength: 2 }) },
);

const required = (terms: fc.Arbitrary<readonly unknown[]>): fc.Arbitrary<Json> =>
  terms.map((list) => ({ requiredDuringSchedulingIgnoredDuringExecution: list }));

const ports = fc.uniqueArray(
  record({
    containerPort: fc.constant(80),
    hostPort: fc.constantFrom(8080, 9090),
    protocol: fc.constantFrom('TCP', 'UDP'),
    hostIP: sometimes(40, fc.constantFrom('10.0.0.1', '10.0.0.2')),
  }),
  { minLength: 1, maxLength: 2, selector: (port) => `${String(port['hostPort'])}${String(port['protocol'])}` },
);

const container = (cpus: readonly string[], portsPercent: number): fc.Arbitrary<Json> =>
  record({
    name: fc.constant('main'),
    image: fc.constant('localhost/none'),
    resources: record({
      requests: record({ cpu: fc.constantFrom(...cpus), memory: fc.constantFrom('64Mi', '1Gi') }),
      limits: sometimes(6, fc.constant({ 'example.com/gpu': '1' })),
    }),
    ports: sometimes(portsPercent, ports),
  });

const taint = record({
  key: fc.constantFrom('dedicated', 'old'),
  value: fc.constantFrom('a', 'b'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
});

export interface RandomNode {
  readonly labels: Json;
  readonly taints: readonly Json[];
  readonly unschedulable: boolean;
  readonly allocatable: Json;
}

const node: fc.Arbitrary<RandomNode> = fc
  .record({
    zone: sometimes(92, fc.constantFrom('a', 'b', 'c')),
    rack: sometimes(85, fc.constantFrom('r1', 'r2')),
    cores: sometimes(80, fc.constantFrom('4', '16', 'many')),
    cordoned: evenly.map((roll) => roll < 8),
    taints: sometimes(
      18,
      fc.uniqueArray(taint, {
        minLength: 1,
        maxLength: 2,
        selector: (one) => `${String(one['key'])} ${String(one['effect'])}`,
      }),
    ),
    cpu: fc.constantFrom('2', '4', '8'),
    gpu: fc.constantFrom('0', '1'),
  })
  .map(({ zone, rack, cores, cordoned, taints = [], cpu, gpu }) => ({
    labels: { [ZONE]: zone ?? null, rack: rack ?? null, cores: cores ?? null },
    taints: [...taints, ...(cordoned ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : [])],
    unschedulable: cordoned,
    allocatable: { cpu, memory: '8Gi', pods: '110', 'example.com/gpu': gpu },
  }));

export interface RandomPod {
  readonly namespace: string;
  readonly labels: Json;
  /** Which of the nodes it is on. */
  readonly place: number;
  readonly terminating: boolean;
  readonly spec: Json;
}

const pod: fc.Arbitrary<RandomPod> = fc.record({
  namespace: fc.constantFrom('red', 'red', 'red', 'blue', 'plain'),
  labels,
  place: fc.nat(),
  terminating: evenly.map((roll) => roll < 25),
  spec: record({
    containers: container(['100m', '500m'], 12).map((one) => [one]),
    affinity: sometimes(
      7,
      required(podTerms).map((podAntiAffinity) => ({ podAntiAffinity })),
    ),
  }),
});

const nodeRequirement = fc.oneof(
  requirement(['rack', 'cores', ZONE], ['r1', 'r2', 'a', 'b', '4']),
  record({
    key: fc.constant('cores'),
    operator: fc.constantFrom('Gt', 'Lt'),
    values: fc.constantFrom(['8'], ['4'], ['20']),
  }),
);

const nodeTerm = record({
  matchExpressions: sometimes(90, fc.array(nodeRequirement, { minLength: 1, maxLength: 2 })),
  matchFields: sometimes(
    15,
    record({
      key: fc.constant('metadata.name'),
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.constantFrom(['n0'], ['n1']),
    }).map((one) => [one]),
  ),
});

const toleration = fc.oneof(
  record({
    key: fc.constantFrom('dedicated', 'old'),
    operator: fc.constant('Exists'),
    effect: sometimes(50, fc.constantFrom('NoSchedule', 'NoExecute')),
  }),
  record({
    key: fc.constantFrom('dedicated', 'old'),
    operator: sometimes(50, fc.constant('Equal')),
    value: fc.constantFrom('a', 'b'),
  }),
  fc.constant({ operator: 'Exists' }),
);

const spreadRule = record({
  topologyKey: fc.constantFrom(...TOPOLOGIES),
  maxSkew: fc.constantFrom(1, 1, 2),
  whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'DoNotSchedule', 'DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: sometimes(95, selector),
  minDomains: sometimes(20, fc.constantFrom(2, 3)),
  nodeAffinityPolicy: sometimes(30, fc.constantFrom('Honor', 'Ignore')),
  nodeTaintsPolicy: sometimes(40, fc.constantFrom('Honor', 'Ignore')),
  matchLabelKeys: sometimes(20, fc.constant(['tier'])),
}).map((rule) => valid(rule));

/** The API server wants a selector beside `matchLabelKeys`, and `minDomains` only where it counts. */
function valid({ minDomains, matchLabelKeys, ...rule }: Json): Json {
  return {
    ...rule,
    ...(rule['whenUnsatisfiable'] === 'DoNotSchedule' && minDomains !== undefined ? { minDomains } : {}),
    ...(rule['labelSelector'] !== undefined && matchLabelKeys !== undefined ? { matchLabelKeys } : {}),
  };
}

const constraint = fc.oneof(
  record({
    key: fc.constantFrom('@hostname', '@zone', 'rack'),
    operator: fc.constantFrom('Unique', 'GroupBy', 'Cluster'),
  }),
  record({
    key: fc.constant('rack'),
    operator: fc.constantFrom('Is', 'IsNot', 'Cluster'),
    value: fc.constantFrom('r1', 'r2'),
  }),
  record({
    key: fc.constant('@zone'),
    operator: fc.constantFrom('Like', 'Unlike'),
    value: fc.constantFrom('a|b', '[ab]'),
  }),
  record({ key: fc.constant('@zone'), operator: fc.constant('MaxPer'), value: fc.constantFrom('1', '2') }),
);

export interface RandomApp {
  readonly namespace: string;
  readonly labels: Json;
  readonly constraints: readonly Json[];
  readonly spec: Json;
}

const app: fc.Arbitrary<RandomApp> = fc.record({
  namespace: fc.constantFrom('red', 'red', 'red', 'blue', 'plain'),
  labels,
  constraints: sometimes(20, fc.array(constraint, { minLength: 1, maxLength: 2 })).map((list) => list ?? []),
  spec: record({
    containers: container(['100m', '1', '1500m'], 25).map((one) => [one]),
    nodeSelector: sometimes(5, fc.constantFrom({ rack: 'r1' }, { cores: '4' })),
    tolerations: sometimes(60, fc.array(toleration, { minLength: 1, maxLength: 2 })),
    affinity: record({
      nodeAffinity: sometimes(
        15,
        fc
          .array(nodeTerm, { minLength: 1, maxLength: 2 })
          .map((nodeSelectorTerms) => ({ requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } })),
      ),
      podAffinity: sometimes(22, required(podTerms)),
      podAntiAffinity: sometimes(22, required(podTerms)),
    }),
    topologySpreadConstraints: sometimes(
      35,
      fc.uniqueArray(spreadRule, { minLength: 1, maxLength: 2, selector: (rule) => String(rule['topologyKey']) }),
    ),
  }),
});

export interface RandomRound {
  readonly nodes: readonly RandomNode[];
  readonly pods: readonly RandomPod[];
  readonly apps: readonly RandomApp[];
}

const exactly = (length: number) => ({ minLength: length, maxLength: length });

/** One cluster and the apps that are asked about on it. The same seed gives the same round. */
export function randomRound(seed: number, sizes: { readonly nodes: number; readonly apps: number }): RandomRound {
  const round = fc.record({
    nodes: fc.array(node, exactly(sizes.nodes)),
    pods: fc.array(pod, { minLength: 12, maxLength: 24 }),
    apps: fc.array(app, exactly(sizes.apps)),
  });
  const [sample] = fc.sample(round, { seed, numRuns: 1 });
  if (sample === undefined) throw new Error('no sample');
  return sample;
}
