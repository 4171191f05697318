import { API_VERSION } from '../api/group.ts';
import { KINDS } from '../api/kind.ts';
import type { ResourceType } from '../kube/resource-type.ts';

/** One of our kinds, as the API server addresses it. */
export function ownType(kind: string): ResourceType {
  const found = KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`there is no kind ${kind}`);
  return { apiVersion: API_VERSION, kind, plural: found.plural, namespaced: found.scope === 'Namespaced' };
}
