/** The parts of csi.proto's messages that the array reads, as @grpc/proto-loader gives them (snake case, enums as text). */
export type StringMap = Readonly<Record<string, string>>;

export interface CapacityRange {
  readonly required_bytes: number;
  readonly limit_bytes: number;
}

export interface VolumeCapability {
  readonly block?: object | null;
  readonly mount?: { readonly fs_type: string; readonly mount_flags: readonly string[] } | null;
  readonly access_mode?: { readonly mode: string } | null;
}

export interface Topology {
  readonly segments: StringMap;
}

export interface VolumeContentSource {
  readonly snapshot?: { readonly snapshot_id: string } | null;
  readonly volume?: { readonly volume_id: string } | null;
}

export interface CreateVolumeRequest {
  readonly name: string;
  readonly capacity_range?: CapacityRange | null;
  readonly volume_capabilities: readonly VolumeCapability[];
  readonly parameters: StringMap;
  readonly mutable_parameters?: StringMap | null;
  readonly volume_content_source?: VolumeContentSource | null;
  readonly accessibility_requirements?: {
    readonly requisite: readonly Topology[];
    readonly preferred: readonly Topology[];
  } | null;
}

export interface VolumeMessage {
  readonly volume_id: string;
  readonly capacity_bytes: number;
  readonly accessible_topology: readonly Topology[];
  readonly content_source?: VolumeContentSource;
}

export interface VolumeRequest {
  readonly volume_id: string;
}

export interface PublishRequest extends VolumeRequest {
  readonly node_id: string;
  readonly volume_capability?: VolumeCapability | null;
  readonly readonly: boolean;
}

export interface ValidateRequest extends VolumeRequest {
  readonly volume_capabilities: readonly VolumeCapability[];
  readonly volume_context: StringMap;
  readonly parameters: StringMap;
}

export interface PageRequest {
  readonly max_entries: number;
  readonly starting_token: string;
}

export interface CapacityRequest {
  readonly volume_capabilities: readonly VolumeCapability[];
  readonly parameters: StringMap;
  readonly accessible_topology?: Topology | null;
}

export interface ExpandRequest extends VolumeRequest {
  readonly capacity_range?: CapacityRange | null;
}

export interface ModifyRequest extends VolumeRequest {
  readonly mutable_parameters?: Readonly<Record<string, string>> | null;
}

export interface CreateSnapshotRequest {
  readonly source_volume_id: string;
  readonly name: string;
}

export interface SnapshotRequest {
  readonly snapshot_id: string;
}

export interface CreateGroupRequest {
  readonly name: string;
  readonly source_volume_ids: readonly string[];
}

export interface GroupRequest {
  readonly group_snapshot_id: string;
  readonly snapshot_ids: readonly string[];
}

export interface ListSnapshotsRequest extends PageRequest {
  readonly source_volume_id: string;
  readonly snapshot_id: string;
}

export interface StageRequest extends VolumeRequest {
  readonly publish_context: StringMap;
  readonly staging_target_path: string;
  readonly volume_capability?: VolumeCapability | null;
}

export interface NodePublishRequest extends StageRequest {
  readonly target_path: string;
  readonly readonly: boolean;
}

export interface TargetRequest extends VolumeRequest {
  readonly target_path: string;
}

export interface VolumePathRequest extends VolumeRequest {
  readonly volume_path: string;
}
