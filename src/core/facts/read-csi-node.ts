import { integerOf, listOf, objectOf, textOf, textsOf } from './json.ts';
import { readMeta } from './read-meta.ts';
import type { CsiNodeFacts } from './storage-facts.ts';

/** A CSINode as JSON. */
export function readCsiNode(raw: unknown): CsiNodeFacts {
  const object = objectOf(raw);
  return {
    name: readMeta(object).name,
    drivers: listOf(objectOf(object['spec'])['drivers'])
      .map(objectOf)
      .map((driver) => ({
        name: textOf(driver['name']),
        attachLimit: integerOf(objectOf(driver['allocatable'])['count']),
        topologyKeys: textsOf(driver['topologyKeys']),
      })),
  };
}
