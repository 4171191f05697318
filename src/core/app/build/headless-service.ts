import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { KubeObject } from '../plan.ts';
import { readList, readNumber, readString } from '../read-field.ts';
import { ownedMetadata, selectorLabels } from './owned-metadata.ts';

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** The headless Service that gives members their names in DNS, before they are ready too: they must find each other to become so. */
export function buildHeadlessService(app: PersistentApp): KubeObject {
  const ports = portsOf(app);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(app),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selectorLabels(app),
      ...(ports.length === 0 ? {} : { ports }),
    },
  };
}

/** The ports that containers name, each number and protocol once: a Service without them has no SRV records. */
function portsOf(app: PersistentApp): readonly ServicePort[] {
  const ports = new Map<string, ServicePort>();
  const names = new Set<string>();
  for (const entry of app.spec.template.spec.containers.flatMap((container) => readList(container, 'ports'))) {
    const port = readNumber(entry, 'containerPort');
    if (port === undefined) continue;
    const protocol = readString(entry, 'protocol') || 'TCP';
    const key = `${protocol.toLowerCase()}-${port}`;
    const own = readString(entry, 'name');
    const name = own === '' || names.has(own) ? key : own;
    if (ports.has(key)) continue;
    names.add(name);
    ports.set(key, { name, port, protocol });
  }
  return [...ports.values()];
}
