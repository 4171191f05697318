import { stopComponents } from '../component.ts';
import type { ArrayControl, AttachmentInfo, VolumeInfo, WriterSpan } from './array-control.ts';
import { askControl } from './control-client.ts';
import { controlSocket, DRIVER } from './driver-name.ts';
import type { ActiveFault } from './faults.ts';
import type { ArrayConfig } from './main-array.ts';
import { fakeCsiNode } from './manifests.ts';
import { storageClassOf } from './pools.ts';
import { sweepArray } from './sweep.ts';
import { nodeTopology } from './topology.ts';

/** All processes that startArray may have started. */
const COMPONENTS = [
  'csi-provisioner',
  'csi-attacher',
  'csi-resizer',
  'csi-snapshotter',
  'snapshot-controller',
  'array',
];

/** The controls of the array in that folder. `start` starts its process again. */
export function controlOf(stateDir: string, config: ArrayConfig, start: () => Promise<void>): ArrayControl {
  const socket = controlSocket(stateDir);
  const needsNodes = config.pools.some(({ scope }) => scope === 'Node');
  const get = <T>(path: string): Promise<T> => askControl<T>(socket, 'GET', path);
  const post = <T>(path: string, body: object): Promise<T> => askControl<T>(socket, 'POST', path, body);
  const volumes = (): Promise<readonly VolumeInfo[]> => get('/volumes');
  return {
    driver: DRIVER,
    storageClasses: Object.fromEntries(config.pools.map((pool) => [pool.name, storageClassOf(pool)])),
    topologyLabels: (node, zone) => nodeTopology(node, zone, needsNodes),
    fakeCsiNode: (node, attachLimit) => fakeCsiNode(node, needsNodes, attachLimit),
    volumes,
    volumeOfClaim: async (claim) => (await volumes()).find((volume) => volume.claim === claim),
    attachments: () => get<readonly AttachmentInfo[]>('/attachments'),
    writers: (volume) =>
      get<readonly WriterSpan[]>(volume === undefined ? '/writers' : `/writers?volume=${encodeURIComponent(volume)}`),
    calls: () => get('/calls'),
    inject: (fault) => post<ActiveFault>('/faults', fault),
    faults: () => get<readonly ActiveFault[]>('/faults'),
    heal: (which) => post('/heal', { which }),
    addNode: (node) => post('/nodes', node),
    powerCut: (node) => post('/power-off', { node }),
    powerOn: (node) => post('/power-on', { node }),
    kill: () => stopComponents(stateDir, ['array']),
    restart: start,
    stop: async () => {
      await stopComponents(stateDir, COMPONENTS);
      await sweepArray(stateDir);
    },
  };
}
