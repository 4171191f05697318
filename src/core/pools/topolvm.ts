import { CSI_FSTYPE, NOTHING, type Preset } from './preset.ts';

const LEGACY = 'topolvm.cybozu.com';

/**
 * TopoLVM. Parameters: https://github.com/topolvm/topolvm/blob/main/docs/user-manual.md; the older driver name and its parameters:
 * docs/proposals/rename-group.md; snapshots, for thin device classes only: docs/snapshot-and-restore.md.
 */
export const topolvm: Preset = {
  ...NOTHING,
  provider: 'topolvm',
  driver: 'topolvm.io',
  hasAlias: (driver) => driver === LEGACY,
  documentation: 'https://github.com/topolvm/topolvm/blob/main/docs/user-manual.md',
  knobs: { type: { parameter: (driver) => `${driver}/device-class` } },
  instead: { replicas: 'volumes are in one node: let the app replicate' },
  fsTypes: ['ext4', 'xfs', 'btrfs'],
  fsTypeParameter: CSI_FSTYPE,
  locality: () => 'Node',
  features: ['Snapshots', 'Expansion'],
};
