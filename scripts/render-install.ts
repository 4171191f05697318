// Writes deploy/install.yaml: the chart rendered, for people without Helm. Needs the helm that the embedded cluster builds.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTools, toolDir } from '../test/cluster/build-tools.ts';

await buildTools(['kubernetes'], (line) => console.error(line));
const rendered = execFileSync(
  join(toolDir('kubernetes'), 'helm'),
  ['template', 'proffer', 'charts/proffer', '--namespace', 'proffer-system', '--kube-version', 'v1.36.3'],
  { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
);
const header = `# Generated from charts/proffer by \`npm run generate:install\`. kube-scheduler's tag must be your cluster's version, never newer.
#   kubectl create namespace proffer-system
#   kubectl apply --server-side -f deploy/install.yaml   # no -n: some rights are in kube-system, default and kube-node-lease
`;
writeFileSync('deploy/install.yaml', `${header}${rendered}`);
