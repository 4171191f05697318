// What the three teams ask for.
const API_VERSION = 'proffer.dev/v1alpha1';

export const NAMESPACE = 'teams';

/** Members of each small app, and what one asks: CPU is what runs out. */
const MEMBERS = 4;

export const TEAMS = [
  { name: 'web', spec: { weight: 1 }, apps: 15 },
  { name: 'search', spec: { weight: 2 }, apps: 15 },
  // A quarter of the cluster, kept for it while it is away.
  {
    name: 'bank',
    spec: { guarantee: { cpu: '20', memory: '80Gi' }, lendingLimit: { cpu: '0', memory: '0' } },
    apps: 5,
  },
] as const;

export type TeamName = (typeof TEAMS)[number]['name'];

export const frameworks = (): readonly object[] =>
  TEAMS.map(({ name, spec }) => ({ apiVersion: API_VERSION, kind: 'Framework', metadata: { name }, spec }));

export const namespace = (): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });

function template(cpu: string, memory: string, spec: object = {}): object {
  return {
    spec: {
      ...spec,
      containers: [{ name: 'main', image: 'example/any:1', resources: { requests: { cpu, memory } } }],
    },
  };
}

/** All apps of a team: `web-0`, `web-1`, … of four members each. */
export function appsOf(team: TeamName): readonly object[] {
  const apps = TEAMS.find(({ name }) => name === team)?.apps ?? 0;
  return Array.from({ length: apps }, (_, number) => ({
    apiVersion: API_VERSION,
    kind: 'PersistentApp',
    metadata: { name: `${team}-${number}`, namespace: NAMESPACE },
    spec: { framework: team, replicas: MEMBERS, template: template('1', '2Gi') },
  }));
}

/** The label and taint of the nodes that the gang wants, so that nobody else is placed there. */
export const FAST_NODES = {
  prefix: 'fast',
  labels: { disk: 'nvme' },
  taints: [{ key: 'disk', value: 'nvme', effect: 'NoSchedule' as const }],
};

export const GANG = { name: 'ledger', members: 5 } as const;

/** Five members that start together, each on a fast node of its own. */
export const gang = (): object => ({
  apiVersion: API_VERSION,
  kind: 'PersistentApp',
  metadata: { name: GANG.name, namespace: NAMESPACE },
  spec: {
    framework: 'search',
    replicas: GANG.members,
    placement: { constraints: [{ key: '@hostname', operator: 'Unique' }] },
    template: template('2', '4Gi', {
      nodeSelector: FAST_NODES.labels,
      tolerations: [{ key: 'disk', operator: 'Equal', value: 'nvme', effect: 'NoSchedule' }],
    }),
  },
});
