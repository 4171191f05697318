import { LoadedCluster } from '../core/view/load-objects.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { listPages } from '../kube/list-pages.ts';
import * as types from '../kube/resource-type.ts';
import { ownType } from './own-types.ts';

/** One list that is read, and what is not known without it. */
interface Listing {
  readonly type: types.ResourceType;
  readonly without: string;
}

/** A cluster as it was read, and what the answer leaves out. */
export interface ReadCluster {
  readonly cluster: LoadedCluster;
  /** One sentence for each list that could not be read whole. */
  readonly notKnown: readonly string[];
}

const LISTINGS: readonly Listing[] = [
  { type: types.NODE, without: 'nothing can be said about places' },
  { type: types.POD, without: 'what pods use is not counted, so nodes look emptier than they are' },
  { type: ownType('PersistentApp'), without: 'apps that wait, and the queue, are not known' },
  { type: ownType('Reservation'), without: 'what is held for other apps is not counted' },
  { type: ownType('Framework'), without: 'limits and shares are not known, and only framework default is' },
  { type: ownType('StoragePool'), without: 'volumes that name a pool have no class' },
  { type: types.STATEFUL_SET, without: 'whose members pods are is not known, so slot and pod of a member count twice' },
  { type: types.PERSISTENT_VOLUME_CLAIM, without: 'which volumes exist is not known, so they count as new ones' },
  { type: types.PERSISTENT_VOLUME, without: 'where volumes can be reached from is not known' },
  { type: types.STORAGE_CLASS, without: 'no storage class is known' },
  { type: types.CSI_STORAGE_CAPACITY, without: 'how much drivers have left is not known, and counts as enough' },
  { type: types.CSI_DRIVER, without: 'which drivers publish capacity is not known' },
  { type: types.CSI_NODE, without: 'how many volumes a node can attach is not known' },
  { type: types.VOLUME_ATTACHMENT, without: 'attached volumes that no pod uses are not counted' },
  {
    type: types.NAMESPACE,
    without: 'namespace labels are not known, so namespaceSelector may refuse what it would allow',
  },
  { type: types.SERVICE, without: 'services in the way of an app are not seen' },
  { type: types.POD_DISRUPTION_BUDGET, without: 'disruption budgets in the way of an app are not seen' },
];

/** Lists read side by side. */
const AT_ONCE = 4;

/**
 * Reads all that placement looks at, with the rights of the kubeconfig. A list that is forbidden over all namespaces is read in
 * `namespace` alone, if that is allowed.
 * @throws Error when nodes cannot be listed, or the API server cannot be reached.
 */
export async function readCluster(client: KubeClient, namespace: string): Promise<ReadCluster> {
  const cluster = new LoadedCluster();
  const notKnown: string[] = [];
  const waiting = [...LISTINGS];
  const worker = async (): Promise<void> => {
    for (let listing = waiting.shift(); listing !== undefined; listing = waiting.shift()) {
      const problem = await readList(client, listing, namespace, cluster);
      notKnown.push(...problem);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { cluster, notKnown: notKnown.toSorted() };
}

async function readList(
  client: KubeClient,
  { type, without }: Listing,
  namespace: string,
  cluster: LoadedCluster,
): Promise<readonly string[]> {
  try {
    return await readAll(client, type, undefined, cluster);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (error.status === 404) return [`the API server knows no ${type.plural}: ${without}`];
    if (error.status !== 403) throw new Error(`${type.plural} could not be listed: ${error.message}`, { cause: error });
    if (type.kind === 'Node') throw new Error(`${error.message}: ${without}`, { cause: error });
    const said = `listing ${type.plural} is forbidden (${error.message})`;
    if (!type.namespaced) return [`${said}: ${without}`];
    return oneNamespace(client, type, namespace, cluster).then(
      (problems) => [
        `${said}: only those of namespace ${namespace} are known, and of the others ${without}`,
        ...problems,
      ],
      () => [`${said}, in namespace ${namespace} too: ${without}`],
    );
  }
}

async function oneNamespace(
  client: KubeClient,
  type: types.ResourceType,
  namespace: string,
  cluster: LoadedCluster,
): Promise<readonly string[]> {
  return readAll(client, type, namespace, cluster);
}

/** Answers one sentence for each object that cannot be read; it is left out. */
async function readAll(
  client: KubeClient,
  type: types.ResourceType,
  namespace: string | undefined,
  cluster: LoadedCluster,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for await (const { items } of listPages(client, { type, namespace })) {
    for (const item of items) {
      try {
        // Items of a list carry no kind of their own.
        cluster.add({ ...(item as object), apiVersion: type.apiVersion, kind: type.kind });
      } catch (error) {
        problems.push(`left out, since it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return problems;
}
