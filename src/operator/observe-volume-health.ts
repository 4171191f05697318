import type { AppFacts } from '../core/app/facts.ts';
import type { TopologyTerm, VolumeFacts } from '../core/facts/storage-facts.ts';
import { termMatches } from '../core/placement/stages/volumes-fit.ts';
import { BY_APP, type Stores } from './caches.ts';

/** What was said of the app's volumes, and which of them no node is left for. `key`: namespace/name of the app. */
export function observeVolumeHealth(
  key: string,
  stores: Stores,
): Pick<AppFacts, 'persistentVolumes' | 'volumeEvents' | 'unreachableVolumes'> {
  const persistentVolumes = stores.volumes.byIndex(BY_APP, key);
  const lost = persistentVolumes.filter((volume) => !isReachable(volume, stores)).map(({ name }) => name);
  return {
    persistentVolumes,
    volumeEvents: stores.volumeEvents.byIndex(BY_APP, key).filter((event) => event !== null),
    ...(lost.length === 0 ? {} : { unreachableVolumes: new Set(lost) }),
  };
}

function isReachable({ nodeTerms }: VolumeFacts, { nodes }: Stores): boolean {
  if (nodeTerms === undefined) return true;
  // A term that names its node is answered without looking at every node.
  const named = nodeTerms.flatMap((term) => namesIn(term)).flatMap((name) => nodes.get(name) ?? []);
  if (named.some((node) => nodeTerms.some((term) => termMatches(node, term)))) return true;
  return nodes.list().some((node) => nodeTerms.some((term) => termMatches(node, term)));
}

function namesIn(term: TopologyTerm): readonly string[] {
  return Object.values(term).flat();
}
