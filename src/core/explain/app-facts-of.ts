import { LABEL_APP } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import type { AppFacts } from '../app/facts.ts';
import { ordinalOf } from '../app/member-name.ts';
import { withDefaultFramework } from '../fairness/default-framework.ts';
import { frameworksBelow } from '../fairness/frameworks-below.ts';
import type { LoadedCluster } from '../view/load-objects.ts';

/** Facts of all apps of a cluster that was loaded whole: what the operator's caches would say at that moment. */
export class LoadedApps {
  readonly #cluster: LoadedCluster;
  readonly #pods = new Map<string, AppFacts['pods'][number][]>();
  readonly #claims = new Map<string, AppFacts['claims'][number][]>();

  constructor(cluster: LoadedCluster) {
    this.#cluster = cluster;
    for (const pod of cluster.pods.values()) push(this.#pods, pod.namespace, pod);
    for (const claim of cluster.claims.values()) push(this.#claims, claim.namespace, claim);
  }

  factsOf(app: PersistentApp): AppFacts {
    const { namespace, name } = app.metadata;
    const cluster = this.#cluster;
    const key = `${namespace}/${name}`;
    const found = cluster.reservations.get(key);
    const frameworks = withDefaultFramework([...cluster.frameworks.values()]);
    const pods = (this.#pods.get(namespace) ?? []).filter(
      (pod) => ordinalOf(name, pod.name) !== undefined || pod.labels[LABEL_APP] === name,
    );
    const names = [...(found?.spec.slots ?? []).map((slot) => slot.node), ...pods.map((pod) => pod.nodeName)];
    const nodes = [...new Set(names)].flatMap((node) => cluster.view.node(node) ?? []);
    return {
      app,
      framework: frameworks.find((framework) => framework.metadata.name === app.spec.framework),
      frameworkChildren: frameworksBelow(app.spec.framework, frameworks),
      namespaceLabels: cluster.namespaces.get(namespace) ?? { 'kubernetes.io/metadata.name': namespace },
      pools: cluster.pools,
      storageClasses: cluster.storageClasses,
      reservation: found,
      service: cluster.services.get(key),
      statefulSet: cluster.statefulSets.get(key),
      podDisruptionBudget: cluster.budgets.get(key),
      pods,
      claims: (this.#claims.get(namespace) ?? []).filter(
        (claim) => claim.labels[LABEL_APP] === name || endsWithMember(claim.name, name),
      ),
      nodes: new Map(nodes.map((node) => [node.name, node])),
      decline: undefined,
      templateProblem: undefined,
      memberPriorityClass: '',
    };
  }
}

/** Claims are named `<volume>-<app>-<ordinal>`. */
function endsWithMember(claim: string, app: string): boolean {
  const member = claim.lastIndexOf(`-${app}-`);
  return member > 0 && ordinalOf(app, claim.slice(member + 1)) !== undefined;
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
