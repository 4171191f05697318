// The Helm chart without a cluster: what it renders for whom, and what it refuses.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { EXTENDER_PORT, schedulerConfig } from '../../src/extender/scheduler-config.ts';
import { buildTools, toolDir } from '../cluster/build-tools.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const CHART = join(ROOT, 'charts', 'proffer');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly data?: Readonly<Record<string, string>>;
}

async function helm(...args: string[]): Promise<string> {
  const { stdout } = await run(join(toolDir('kubernetes'), 'helm'), args, {
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** As for a cluster of 1.36.3 unless `args` say otherwise. */
async function render(...args: string[]): Promise<readonly Manifest[]> {
  const version = args.includes('--kube-version') ? [] : ['--kube-version', 'v1.36.3'];
  const text = await helm('template', 'proffer', CHART, '--namespace', 'proffer-system', ...version, ...args);
  return parseAllDocuments(text)
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
    ['operator.replicas=0', /operator\/replicas|operator\.replicas/],
    ['image.pullPolicy=Sometimes', /pullPolicy/],
    ['schedular.replicas=2', /schedular/],
  ])('refuses %s by its schema', async (value, message) => {
    await expect(render('--set', value)).rejects.toThrow(message);
  });

  test('deploy/install.yaml is the chart rendered (npm run generate:install writes it)', async () => {
    const header = readFileSync(join(ROOT, 'deploy', 'install.yaml'), 'utf8').split('---\n')[0] ?? '';
    expect(header).toContain('Generated from charts/proffer');
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
