// The Helm chart without a cluster: what it renders for whom, and what it refuses.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { parseExtenderOptions } from '../../src/extender/options.ts';
import { EXTENDER_PORT, schedulerConfig } from '../../src/extender/scheduler-config.ts';
import { parseOperatorOptions } from '../../src/operator/options.ts';
import { buildTools, toolDir } from '../cluster/build-tools.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const CHART = join(ROOT, 'charts', 'proffer');

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly template?: {
      readonly spec: { readonly initContainers?: readonly Container[]; readonly containers: readonly Container[] };
    };
  };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly data?: Readonly<Record<string, string>>;
}

interface Schema {
  readonly definitions: { readonly logLevel: { readonly enum: readonly string[] } };
}

async function helm(...args: string[]): Promise<string> {
  const { stdout } = await run(join(toolDir('kubernetes'), 'helm'), args, {
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** As for a cluster of 1.36.3 unless `args` say otherwise. */
function render(...args: string[]): Promise<readonly Manifest[]> {
  return renderRelease('proffer', 'proffer-system', ...args);
}

async function renderRelease(name: string, namespace: string, ...args: string[]): Promise<readonly Manifest[]> {
  const version = args.includes('--kube-version') ? [] : ['--kube-version', 'v1.36.3'];
  const text = await helm('template', name, CHART, '--namespace', namespace, ...version, ...args);
  // Helm reads YAML 1.1, to which `on` is a boolean.
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest): manifest is Manifest => manifest !== null);
}

beforeAll(async () => {
  await buildTools(['kubernetes'], () => undefined);
}, 1_200_000);

describe('the chart', () => {
  test('passes helm lint', async () => {
    expect(await helm('lint', '--strict', CHART)).toContain('0 chart(s) failed');
  });

  test('grants nothing by wildcard, no secrets, no exec, and no deletion of volumes', async () => {
    const rules = (await render()).flatMap((manifest) => manifest.rules ?? []);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs].includes('*'))).toEqual([]);
    expect(
      rules.filter((rule) => rule.resources.some((resource) => resource === 'secrets' || resource.startsWith('pods/'))),
    ).toEqual([{ apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] }]);
    const storage = rules.filter((rule) => rule.resources.includes('persistentvolumes'));
    expect(storage.flatMap((rule) => rule.verbs).filter((verb) => verb.startsWith('delete'))).toEqual([]);
  });

  test('keeps CRDs and the PriorityClass on uninstall', async () => {
    const kept = (await render()).filter(
      (manifest) => manifest.metadata.annotations?.['helm.sh/resource-policy'] === 'keep',
    );
    expect(kept.map((manifest) => manifest.kind).toSorted()).toEqual([
      ...Array<string>(6).fill('CustomResourceDefinition'),
      'PriorityClass',
    ]);
  });

  test('configures kube-scheduler as src/extender/scheduler-config.ts says', async () => {
    const map = (await render()).find((manifest) => manifest.kind === 'ConfigMap');
    expect(parse(map?.data?.['config.yaml'] ?? '')).toEqual(
      schedulerConfig({ extenderPort: EXTENDER_PORT, leaseNamespace: 'proffer-system' }),
    );
  });

  test.each([
    ['v1.33.1-eks-1a2b3c4', 'apps/v1', 'kube-scheduler:v1.33.1', 0],
    ['v1.32.4-gke.1415000', 'networking.gke.io/v1', 'kube-scheduler:v1.32.4', 1],
    ['v1.31.5+k3s1', 'apps/v1', 'kube-scheduler:v1.31.5', 0],
  ])('on %s with API %s runs %s, with %i ResourceQuota for critical pods', async (version, api, image, quotas) => {
    const manifests = await render('--kube-version', version, '--api-versions', api);
    expect(JSON.stringify(manifests)).toContain(image);
    expect(manifests.filter((manifest) => manifest.kind === 'ResourceQuota')).toHaveLength(quotas);
  });

  test.each([
    ['v1.36.3', true],
    ['v1.37.0', false],
    ['mine', false],
  ])('tells kube-scheduler %s to try refused pods again every minute: %s', async (tag, tells) => {
    const manifests = JSON.stringify(await render('--set', `scheduler.image.tag=${tag},crds.install=false`));
    expect(manifests.includes('--pod-max-in-unschedulable-pods-duration=60s')).toBe(tells);
  });

  test.each([
    ['123', '456'],
    ['on', '1e3'],
  ])('can be installed as %s in %s, which YAML would take for something else than text', async (name, namespace) => {
    const manifests = await renderRelease(name, namespace, '--set', 'crds.install=false');
    const places = new Set(manifests.map(({ metadata }) => metadata.namespace));
    expect(places).toEqual(new Set([namespace, 'default', 'kube-node-lease', 'kube-system', undefined]));
    expect([...new Set(manifests.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance']))]).toEqual([
      name,
    ]);
  });

  test('gives the programs only flags that they take, at every log level that its schema allows', async () => {
    const schema = parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
    for (const level of schema.definitions.logLevel.enum) {
      const levels = ['operator.logLevel', 'scheduler.extenderLogLevel'].flatMap((value) => [
        '--set',
        `${value}=${level}`,
      ]);
      const fenced = [
        '--set',
        'recovery.fencingHook.url=http://127.0.0.1:9/,recovery.fencingHook.tokenSecret.name=hook',
      ];
      const pods = (await render('--set', 'crds.install=false', ...levels, ...fenced)).flatMap(
        ({ spec }) => spec?.template?.spec ?? [],
      );
      const flagsOf = (program: string) =>
        pods
          .flatMap(({ initContainers = [], containers }) => [...initContainers, ...containers])
          .flatMap(({ args = [] }) => (args[0] === program ? args.slice(1) : []));
      expect(parseOperatorOptions(flagsOf('operator'), {}).logLevel).toBe(level);
      expect(parseExtenderOptions(flagsOf('extender'), {}).logLevel).toBe(level);
    }
  });

  test.each([
    ['operator.logLevel=trace', /logLevel/],
    ['scheduler.name=default-scheduler', /scheduler\/name/],
    ['memberPriorityClass.name=', /memberPriorityClass\.name says/],
    ['operator.replicas=0', /operator\/replicas|operator\.replicas/],
    ['image.pullPolicy=Sometimes', /pullPolicy/],
    ['schedular.replicas=2', /schedular/],
  ])('refuses %s', async (value, message) => {
    await expect(render('--set', value)).rejects.toThrow(message);
  });

  test('deploy/install.yaml is the chart rendered (npm run generate:install writes it)', async () => {
    const header = readFileSync(join(ROOT, 'deploy', 'install.yaml'), 'utf8').split('---\n')[0] ?? '';
    expect(header).toContain('Generated from charts/proffer');
    // kubectl refuses objects of another namespace than the one of its -n, and some rights are given elsewhere.
    expect(header).not.toMatch(/kubectl apply[^#]* (-n|--namespace)/);
    const rendered = await helm(
      'template',
      'proffer',
      CHART,
      '--namespace',
      'proffer-system',
      '--kube-version',
      'v1.36.3',
    );
    expect(readFileSync(join(ROOT, 'deploy', 'install.yaml'), 'utf8').slice(header.length)).toBe(rendered);
  });
});
