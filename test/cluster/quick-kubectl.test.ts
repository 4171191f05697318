import { describe, expect, test } from '@jest/globals';
import { patchOf, questionOf, writingOf } from './quick-kubectl.ts';

describe('a question that needs no kubectl', () => {
  test.each([
    [['get', 'papp', 'db', '-n', 'shop', '-o', 'json'], { kind: 'papp', name: 'db', namespace: 'shop' }],
    [['get', 'pods', '-n', 'shop', '-o', 'json'], { kind: 'pods', name: undefined, namespace: 'shop' }],
    [['get', 'pod', 'db-0', '--ignore-not-found', '-o', 'json'], { kind: 'pod', name: 'db-0', mayBeMissing: true }],
    [['get', 'sc', 'made', '-o', 'json'], { kind: 'sc', name: 'made', namespace: 'default' }],
  ])('is %p', (args, question) => {
    expect(questionOf(args)).toMatchObject(question);
  });

  test.each([
    [['get', 'papp']],
    [['get', 'papp', '-o', 'yaml']],
    [['get', 'papp,rsv', '-n', 'shop', '-o', 'json']],
    [['get', 'pod/db-0', '-o', 'json']],
    [['get', 'pods', '-A', '-o', 'json']],
    [['get', 'pods', '-l', 'a=b', '-o', 'json']],
    [['get', 'crd', 'a', 'b', '-o', 'json']],
    [['delete', 'papp', 'db', '-o', 'json']],
  ])('is not %p', (args) => {
    expect(questionOf(args)).toBeUndefined();
  });
});

describe('a write that needs no kubectl', () => {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const input = JSON.stringify(object);

  test.each([
    [['create', '-f', '-'], 'create'],
    [['create', '-o', 'json', '-f', '-'], 'create'],
    [['apply', '--server-side', '--force-conflicts', '-f', '-'], 'apply'],
  ])('is %p of one object', (args, verb) => {
    expect(writingOf(args, input)).toEqual({ verb, object });
  });

  test('is not that of several, of YAML, or one that kubectl merges itself', () => {
    expect(writingOf(['create', '-f', '-'], `${input}\n---\n${input}`)).toBeUndefined();
    expect(writingOf(['create', '-f', '-'], 'kind: Namespace')).toBeUndefined();
    expect(writingOf(['apply', '-f', '-'], input)).toBeUndefined();
  });
});

describe('a change that needs no kubectl', () => {
  test('is a merge patch of one object', () => {
    const args = ['patch', 'papp', 'db', '-n', 'shop', '--type=merge', '-p', '{"spec":{"replicas":2}}'];
    expect(patchOf(args)).toEqual({ kind: 'papp', name: 'db', namespace: 'shop', change: { spec: { replicas: 2 } } });
  });

  test.each([
    [['patch', 'papp', 'db', '-p', '{}']],
    [['patch', 'rsv', 'db', '--type=json', '-p', '[]']],
    [['patch', 'papp', 'db', '--subresource=status', '--type=merge', '-p', '{}']],
    [['patch', 'papp', 'db', '--type=merge', '-p', 'spec: {}']],
    [['get', 'papp', 'db', '--type=merge', '-p', '{}']],
  ])('is not %p', (args) => {
    expect(patchOf(args)).toBeUndefined();
  });
});
