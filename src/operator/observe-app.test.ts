import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseFramework, parsePersistentApp } from '../api/parse.ts';
import type { PersistentApp } from '../api/persistent-app.ts';
import { frameworkProblem } from '../core/app/framework-problem.ts';
import type { Stores } from './caches.ts';
import { observeApp } from './observe-app.ts';
import { emptyStores } from '../../test/support/store-builders.ts';

const KNOWN = {
  reservation: undefined,
  decline: undefined,
  templateProblem: undefined,
  memberPriorityClass: '',
  schedulerName: 'proffer-scheduler',
};

function app(framework: string): PersistentApp {
  return parsePersistentApp({
    apiVersion: 'proffer.dev/v1alpha1',
    kind: 'PersistentApp',
    metadata: { name: 'db', namespace: 'shop', uid: 'u1' },
    spec: { framework, template: { spec: { containers: [{ name: 'c' }] } } },
  });
}

describe('the framework of an app', () => {
  let stores: Stores;

  const add = (name: string, spec: object): void =>
    stores.frameworks.set(
      name,
      parseFramework({ apiVersion: 'proffer.dev/v1alpha1', kind: 'Framework', metadata: { name }, spec }),
    );

  beforeEach(() => {
    stores = emptyStores();
    add('org', {});
    add('team-b', { parent: 'org' });
    add('team-a', { parent: 'org' });
  });

  test('comes with the names of those below it, so that an app on an inner one is told where to go', () => {
    const facts = observeApp(app('org'), stores, KNOWN);
    expect(facts.frameworkChildren).toEqual(['team-a', 'team-b']);
    expect(frameworkProblem(facts)).toEqual({
      reason: 'FrameworkNotLeaf',
      message: expect.stringContaining('(team-a, team-b)'),
    });
  });

  test('is a leaf when nothing is below it, the default one too', () => {
    expect(frameworkProblem(observeApp(app('team-a'), stores, KNOWN))).toBeUndefined();
    expect(frameworkProblem(observeApp(app('default'), stores, KNOWN))).toBeUndefined();
  });

  test('is no leaf either when another names "default" as its parent, object or not', () => {
    add('sub', { parent: 'default' });
    expect(frameworkProblem(observeApp(app('default'), stores, KNOWN))?.reason).toBe('FrameworkNotLeaf');
  });

  test.each([
    ['neither it nor one above it', {}, false],
    ['it', { 'team-a': { parent: 'org', revocable: true } }, true],
    ['the one above it', { org: { parent: 'firm', revocable: true } }, true],
    ['the one at the top', { org: { parent: 'firm' }, firm: { revocable: true } }, true],
    ['one beside it', { 'team-b': { parent: 'org', revocable: true } }, false],
    ['one of a line that hangs nowhere', { org: { parent: 'gone', revocable: true } }, false],
    ['one of a circle', { org: { parent: 'team-a', revocable: true } }, false],
  ])('lets members go for guarantees when it is said of %s', (_of, changes, isRevocable) => {
    add('firm', {});
    for (const [name, spec] of Object.entries(changes)) add(name, spec);
    expect(observeApp(app('team-a'), stores, KNOWN).isRevocable).toBe(isRevocable);
  });
});
