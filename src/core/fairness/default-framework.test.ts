import { describe, expect, test } from '@jest/globals';
import { parseFramework } from '../../api/parse.ts';
import { withDefaultFramework } from './default-framework.ts';

const framework = (name: string, weight: number) =>
  parseFramework({ apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata: { name }, spec: { weight } });

describe('the default framework', () => {
  test('is there without an object: weight 1, no limit, every namespace', () => {
    const [only] = withDefaultFramework([]);
    expect(only).toMatchObject({ metadata: { name: 'default' }, spec: { weight: 1, limit: {} } });
  });

  test('is what its object says when there is one', () => {
    expect(withDefaultFramework([framework('default', 7)])).toEqual([framework('default', 7)]);
  });

  test('leaves the others as they are', () => {
    const names = withDefaultFramework([framework('search', 2)]).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['search', 'default']);
  });
});
