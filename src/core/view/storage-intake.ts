import type { StoragePool } from '../../api/storage-pool.ts';
import type {
  AttachmentFacts,
  CapacityFacts,
  ClaimFacts,
  CsiNodeFacts,
  DriverFacts,
  StorageClassFacts,
  VolumeFacts,
} from '../facts/storage-facts.ts';
import { NodeTable } from './node-table.ts';
import type { ProvisioningFailure } from './provisioning-failures.ts';
import { StorageView, type StorageViewOptions } from './storage-view.ts';

/** The part of the view that is told about storage. */
export class StorageIntake {
  /** For placement inside core: the rows behind the names. */
  readonly nodeTable = new NodeTable();
  readonly storage: StorageView;

  constructor(options: StorageViewOptions) {
    this.storage = new StorageView(this.nodeTable, options);
  }

  setClaim(facts: ClaimFacts): void {
    this.storage.setClaim(facts);
  }

  deleteClaim(key: string): void {
    this.storage.deleteClaim(key);
  }

  setVolume(facts: VolumeFacts): void {
    this.storage.setVolume(facts);
  }

  deleteVolume(name: string): void {
    this.storage.deleteVolume(name);
  }

  setStorageClass(facts: StorageClassFacts): void {
    this.storage.setStorageClass(facts);
  }

  deleteStorageClass(name: string): void {
    this.storage.deleteStorageClass(name);
  }

  setCapacity(facts: CapacityFacts): void {
    this.storage.setCapacity(facts);
  }

  deleteCapacity(key: string): void {
    this.storage.deleteCapacity(key);
  }

  setDriver(facts: DriverFacts): void {
    this.storage.setDriver(facts);
  }

  deleteDriver(name: string): void {
    this.storage.setDriver({ name, publishesCapacity: false });
  }

  setCsiNode(facts: CsiNodeFacts): void {
    this.storage.onNodes.setCsiNode(facts);
  }

  deleteCsiNode(name: string): void {
    this.storage.onNodes.deleteCsiNode(name);
  }

  setAttachment(facts: AttachmentFacts): void {
    this.storage.onNodes.setAttachment(facts);
  }

  deleteAttachment(name: string): void {
    this.storage.onNodes.deleteAttachment(name);
  }

  setPool(pool: StoragePool): void {
    this.storage.setPool(pool);
  }

  deletePool(name: string): void {
    this.storage.deletePool(name);
  }

  /** The driver could not make a volume of this class for the node: placement leaves the node out until then (epoch seconds). */
  setProvisioningFailure(
    nodeName: string,
    storageClassName: string,
    untilSeconds: number,
    known: Omit<ProvisioningFailure, 'untilSeconds'> = {},
  ): void {
    this.storage.failures.set(nodeName, storageClassName, { ...known, untilSeconds });
  }

  /** A volume was made there after all. */
  deleteProvisioningFailure(nodeName: string, storageClassName: string): void {
    this.storage.failures.delete(nodeName, storageClassName);
  }

  /**
   * It is `now`, epoch seconds. Of the view alone what is said of volumes that were just made depends on time (see LateVolumes), and where
   * none could be made (see ProvisioningFailures).
   */
  advance(now: number): void {
    this.storage.advance(now);
  }
}
