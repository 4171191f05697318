import type { PROVIDERS, StoragePoolSpec, StoragePoolStatus } from '../../api/storage-pool.ts';

export type Provider = Exclude<(typeof PROVIDERS)[number], 'custom'>;
export type Locality = StoragePoolStatus['locality'];
export type Feature = StoragePoolStatus['features'][number];
export type FsType = NonNullable<StoragePoolSpec['fsType']>;

/** Parameters of a StorageClass or a VolumeSnapshotClass. */
export type Parameters = Readonly<Record<string, string>>;

/** A typed field of the pool that says something about its disks. */
export const KNOBS = ['type', 'iops', 'throughput', 'replicas', 'encrypted'] as const;
export type Knob = (typeof KNOBS)[number];

/** How a knob is said to the driver: the parameter, and its value where that is not simply the same. */
export interface KnobRule {
  /** The parameter, for a driver that is installed under this name. */
  readonly parameter: string | ((driver: string) => string);
  readonly show?: (value: string | number | boolean) => string;
  /** The only values that the driver takes. Absent: whatever the driver takes. */
  readonly values?: readonly string[];
  /** Disk types for which the driver takes it; `undefined` among them stands for the type that the driver chooses itself. */
  readonly types?: readonly (string | undefined)[];
}

/** What is known of one provider's CSI driver, each fact from the driver's own documentation. */
export interface Preset {
  readonly provider: Provider;
  /** Name of the CSI driver as it is installed by default. */
  readonly driver: string;
  /** Whether the same driver is installed under this other name by some. Absent: it has one name only. */
  readonly hasAlias?: (driver: string) => boolean;
  /** Where the parameters are documented. */
  readonly documentation: string;
  readonly knobs: Readonly<Partial<Record<Knob, KnobRule>>>;
  /** What to do instead of a knob that the driver does not have. */
  readonly instead: Readonly<Partial<Record<Knob, string>>>;
  readonly fsTypes: readonly FsType[];
  readonly fsTypeParameter: string;
  /** Parameters without which the driver makes no volume; of each list one is enough. */
  readonly required: readonly (readonly string[])[];
  /** Parameters that the preset adds where the pool does not say them. */
  readonly added: (spec: Pick<StoragePoolSpec, 'type'>) => Parameters;
  /** Contradictions between what the pool says; each is told with what to do. */
  readonly contradictions: (spec: StoragePoolSpec, parameters: Parameters) => readonly string[];
  /** From where a volume can be reached. */
  readonly locality: (parameters: Parameters) => Locality;
  /** What lets two nodes attach one volume at a time, so that a detach from one proves nothing; undefined: nothing does. */
  readonly sharing: (parameters: Parameters) => string | undefined;
  readonly features: readonly Feature[];
  /** Parameters of a VolumeSnapshotClass, given those of the StorageClass. */
  readonly snapshotParameters: (parameters: Parameters) => Parameters;
}

/** For presets: nothing special. */
export const NOTHING = {
  required: [],
  added: (): Parameters => ({}),
  contradictions: (): readonly string[] => [],
  sharing: (): string | undefined => undefined,
  snapshotParameters: (): Parameters => ({}),
} as const;

/** The file system parameter that the external provisioner understands for every driver. */
export const CSI_FSTYPE = 'csi.storage.k8s.io/fstype';
