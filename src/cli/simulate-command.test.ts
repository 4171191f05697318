import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runPluginHere } from '../../test/support/plugin-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'proffer-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Where there is no kubeconfig. */
const run = (...args: readonly string[]) => runPluginHere(args, { HOME: folder, KUBECONFIG: undefined });

const node = (name: string): string => `
- apiVersion: v1
  kind: Node
  metadata: {name: ${name}, labels: {kubernetes.io/hostname: ${name}}}
  status: {conditions: [{type: Ready, status: "True"}], allocatable: {cpu: "2", memory: 4Gi, pods: "110"}}`;

const DUMP = file('dump.yaml', `apiVersion: v1\nkind: List\nitems:${node('n1')}${node('n2')}\n`);

const app = (name: string, spec = ''): string => `
apiVersion: proffer.dev/v1alpha1
kind: PersistentApp
metadata: {name: ${name}}
spec:
  replicas: 2
  template: {spec: {containers: [{name: main, image: db, resources: {requests: {cpu: "2"}}}]}}
  ${spec}`;

const ONE = file('one.yaml', app('db'));
const TWO = file(
  'two.yaml',
  `${app('db')}\n---\n${app('other', 'framework: small')}\n---
apiVersion: proffer.dev/v1alpha1
kind: Framework
metadata: {name: small}
spec: {limit: {cpu: "2"}}
`,
);

describe('kubectl proffer simulate', () => {
  test('answers from a dump whether an app fits, and where, with exit code 0', async () => {
    const { code, stdout } = await run('simulate', '-f', ONE, '--from', DUMP);
    expect(code).toBe(0);
    expect(stdout).toContain('default/db  framework default  fits');
    expect(stdout).toMatch(/db-0 +n[12]/);
  });

  test('answers for several apps, and has exit code 1 when one of them does not fit', async () => {
    const { code, stdout } = await run('simulate', '-f', TWO, '--from', DUMP, '-o', 'json');
    expect(code).toBe(1);
    expect(stdout).toContain('"reason": "FrameworkLimit"');
  });

  test.each<[string, readonly string[], string]>([
    ['no file', [], 'simulate: it needs -f FILE'],
    ['a file that is not there', ['-f', join(folder, 'none')], 'ENOENT'],
    ['a file that is no YAML', ['-f', file('bad.yaml', 'a: [1\nb: 2'), '--from', DUMP], 'bad.yaml is no YAML: '],
    ['a file of something else', ['-f', file('else.yaml', 'hello: world'), '--from', DUMP], 'is no Kubernetes object'],
    ['a file without an app', ['-f', DUMP, '--from', DUMP], 'has no PersistentApp'],
    [
      'an app that its schema refuses',
      ['-f', file('many.yaml', app('db', 'replicas: many').replace('replicas: 2', '')), '--from', DUMP],
      'many.yaml: PersistentApp default/db: spec.replicas',
    ],
    ['a dump without nodes', ['-f', ONE, '--from', ONE], 'has no Node'],
    ['a number that is none', ['-f', ONE, '--from', DUMP, '--nodes', 'two', '--like', 'n1'], '--nodes is "two"'],
    ['more nodes like none', ['-f', ONE, '--from', DUMP, '--nodes', '2'], '--like NODE beside it'],
    [
      'a node that is not there',
      ['-f', ONE, '--from', DUMP, '--nodes', '2', '--like', 'n9'],
      'there is no node n9 to copy: there are n1, n2',
    ],
    ['a flag that is not there', ['-f', ONE, '--fast'], "Unknown option '--fast'"],
    ['another output', ['-f', ONE, '-o', 'yaml'], '-o yaml is not known'],
    ['no cluster to talk to', ['-f', ONE], 'no cluster to talk to'],
  ])('refuses %s with exit code 2 and says what to do', async (_what, args, said) => {
    expect(await run('simulate', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(said) as unknown,
    });
  });

  test('prints its flags', async () => {
    expect((await run('simulate', '--help')).stdout).toMatch(/-f, --filename FILE/);
  });
});
