import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { startComponent } from './component.ts';
import { kubeconfigPathOf } from './credentials.ts';

/** Starts CoreDNS on the bridge's address: names of Services, and of the members of headless ones. It forwards nothing. */
export function startCoreDns({ stateDir, bridgeIp }: Addresses, binDir: string): void {
  const corefile = join(stateDir, 'Corefile');
  writeFileSync(
    corefile,
    `.:53 {
  bind ${bridgeIp}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigPathOf(stateDir, 'coredns')} proffer
    ttl 5
  }
  cache 5
}
`,
  );
  startComponent(stateDir, {
    name: 'coredns',
    command: join(binDir, 'coredns'),
    args: ['-conf', corefile],
    restart: true,
  });
}
