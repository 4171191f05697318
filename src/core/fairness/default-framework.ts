import { API_VERSION } from '../../api/group.ts';
import { Framework } from '../../api/framework.ts';

/** What apps name that name none. */
export const DEFAULT_FRAMEWORK_NAME = 'default';

/** A leaf of weight 1 without limit, open to every namespace: what `default` is while there is no such object (docs/adr/0005). */
const DEFAULT_FRAMEWORK: Framework = Framework.parse({
  apiVersion: API_VERSION,
  kind: 'Framework',
  metadata: { name: DEFAULT_FRAMEWORK_NAME },
  spec: {},
});

/** All frameworks there are: the objects, and `default` even if no object says so. */
export function withDefaultFramework(objects: readonly Framework[]): readonly Framework[] {
  const isThere = objects.some(({ metadata }) => metadata.name === DEFAULT_FRAMEWORK_NAME);
  return isThere ? objects : [...objects, DEFAULT_FRAMEWORK];
}
