import { ANNOTATION_KEEPS_NODE, NODE_PROTECTIONS } from '../../api/labels.ts';
import type { NodeFacts } from '../facts/node-facts.ts';

/**
 * The annotations to set (null: to remove) so that no autoscaler takes a node away that holds volumes which exist nowhere else. What
 * somebody else has set, to whatever value, is left alone; our own mark lists what we did, and only that is undone. Undefined: nothing to
 * write.
 */
export function nodeProtectionPatch(
  { protection = {} }: NodeFacts,
  isNeeded: boolean,
): Readonly<Record<string, string | null>> | undefined {
  const ours = (protection[ANNOTATION_KEEPS_NODE] ?? '').split(',').filter((name) => name !== '');
  if (!isNeeded) {
    return ours.length === 0
      ? undefined
      : Object.fromEntries([...ours, ANNOTATION_KEEPS_NODE].map((name) => [name, null]));
  }
  const missing = NODE_PROTECTIONS.filter((name) => protection[name] === undefined);
  if (missing.length === 0) return undefined;
  const set = [...new Set([...ours, ...missing])].toSorted();
  return { ...Object.fromEntries(missing.map((name) => [name, 'true'])), [ANNOTATION_KEEPS_NODE]: set.join(',') };
}
