import type { z } from 'zod';
import { AppBackup } from './app-backup.ts';
import { AppOperation } from './app-operation.ts';
import { Framework } from './framework.ts';
import { PersistentApp } from './persistent-app.ts';
import { Reservation } from './reservation.ts';
import { StoragePool } from './storage-pool.ts';

/** A column of `kubectl get`. `wide`: only with -o wide. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly path: string;
  readonly wide?: boolean;
}

export interface Scale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
}

/** One of our kinds: what its CRD says apart from the schema. */
export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: z.ZodObject<{ spec: z.ZodType; status: z.ZodType }>;
  readonly printerColumns: readonly PrinterColumn[];
  readonly scale?: Scale;
}

const text = (name: string, path: string): PrinterColumn => ({ name, type: 'string', path });
const count = (name: string, path: string): PrinterColumn => ({ name, type: 'integer', path });
const wide = (column: PrinterColumn): PrinterColumn => ({ ...column, wide: true });
const AGE: PrinterColumn = { name: 'Age', type: 'date', path: '.metadata.creationTimestamp' };
const READY = text('Ready', '.status.conditions[?(@.type=="Ready")].status');
const REASON = text('Reason', '.status.conditions[?(@.type=="Ready")].reason');

/** All kinds, in the order of the documentation. */
export const KINDS: readonly Kind[] = [
  {
    kind: 'PersistentApp',
    plural: 'persistentapps',
    singular: 'persistentapp',
    shortNames: ['papp'],
    scope: 'Namespaced',
    schema: PersistentApp,
    printerColumns: [
      text('Ready', '.status.summary.ready'),
      text('Status', '.status.summary.status'),
      text('Framework', '.spec.framework'),
      count('Updated', '.status.updatedReplicas'),
      text('Reason', '.status.summary.reason'),
      AGE,
      wide(text('Zones', '.status.summary.zones')),
      wide(text('Storage', '.status.summary.storage')),
      wide(text('Last-Recovery', '.status.summary.lastRecovery')),
    ],
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  {
    kind: 'Framework',
    plural: 'frameworks',
    singular: 'framework',
    shortNames: ['pfw'],
    scope: 'Cluster',
    schema: Framework,
    printerColumns: [
      count('Weight', '.spec.weight'),
      text('Parent', '.spec.parent'),
      text('Share', '.status.share'),
      text('Fair', '.status.fairShare'),
      count('Pending', '.status.pending'),
      count('Queue', '.status.queuePosition'),
      READY,
      AGE,
      wide(text('Scheduler', '.spec.scheduler')),
      wide({ name: 'Revocable', type: 'boolean', path: '.spec.revocable' }),
      wide(count('Sent', '.status.offersSent')),
      wide(count('Accepted', '.status.offersAccepted')),
      wide(count('Declined', '.status.offersDeclined')),
    ],
  },
  {
    kind: 'StoragePool',
    plural: 'storagepools',
    singular: 'storagepool',
    shortNames: ['spool'],
    scope: 'Cluster',
    schema: StoragePool,
    printerColumns: [
      text('Class', '.status.storageClassName'),
      text('Provider', '.spec.provider'),
      text('Capacity', '.status.capacity'),
      text('Provisioned', '.status.provisioned'),
      text('Reserved', '.status.reserved'),
      text('Free', '.status.free'),
      count('Volumes', '.status.volumes'),
      READY,
      AGE,
      wide(text('Driver', '.status.driver')),
      wide(text('Locality', '.status.locality')),
      wide(text('Fencing', '.status.fencing')),
      wide(text('Reclaim', '.spec.reclaimPolicy')),
      wide(text('Snapshots', '.status.snapshotClassName')),
      wide(REASON),
    ],
  },
  {
    kind: 'Reservation',
    plural: 'reservations',
    singular: 'reservation',
    shortNames: ['rsv'],
    scope: 'Namespaced',
    schema: Reservation,
    printerColumns: [
      text('App', '.spec.app.name'),
      count('Slots', '.spec.summary.slots'),
      count('Claimed', '.spec.summary.claimed'),
      text('Nodes', '.spec.summary.nodes'),
      AGE,
    ],
  },
  {
    kind: 'AppOperation',
    plural: 'appoperations',
    singular: 'appoperation',
    shortNames: ['aop'],
    scope: 'Namespaced',
    schema: AppOperation,
    printerColumns: [
      text('Type', '.spec.type'),
      text('App', '.spec.app'),
      text('State', '.status.state'),
      text('Progress', '.status.progress'),
      AGE,
      wide(text('Message', '.status.message')),
    ],
  },
  {
    kind: 'AppBackup',
    plural: 'appbackups',
    singular: 'appbackup',
    shortNames: ['abk'],
    scope: 'Namespaced',
    schema: AppBackup,
    printerColumns: [
      text('App', '.spec.app'),
      { name: 'Ready', type: 'boolean', path: '.status.readyToUse' },
      text('Progress', '.status.progress'),
      text('Consistency', '.status.consistency'),
      text('Size', '.status.size'),
      AGE,
      wide(text('Member', '.spec.member')),
      wide(REASON),
    ],
  },
];
