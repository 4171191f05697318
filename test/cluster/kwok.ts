import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { GO_ENVIRONMENT, startComponent } from './component.ts';
import { kubeconfigPathOf } from './credentials.ts';

/** Nodes with this annotation are kwok's. */
export const KWOK_ANNOTATION = 'kwok.x-k8s.io/node';

/** Starts kwok, which makes fake nodes Ready, keeps their leases, and lets their pods run and end. `stagesDir`: its stage files. */
export function startKwok(addresses: Addresses, binDir: string, stagesDir: string): void {
  const stages = readdirSync(stagesDir).filter((file) => file.endsWith('.yaml'));
  const { stateDir, podCidr } = addresses;
  startComponent(stateDir, {
    name: 'kwok',
    command: join(binDir, 'kwok'),
    env: GO_ENVIRONMENT,
    args: [
      `--kubeconfig=${kubeconfigPathOf(stateDir, 'kwok')}`,
      ...stages.map((file) => `--config=${join(stagesDir, file)}`),
      `--manage-nodes-with-annotation-selector=${KWOK_ANNOTATION}=fake`,
      '--node-lease-duration-seconds=40',
      // Nobody can be reached there; fake pods only must not have addresses of real ones.
      `--cidr=${podCidr.replace(/\.0\.0\/16$/, '.128.0/17')}`,
    ],
  });
}
