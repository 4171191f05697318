import type { StoragePoolSpec } from '../../api/storage-pool.ts';
import { awsEbs } from './aws-ebs.ts';
import { azureDisk } from './azure-disk.ts';
import { cephRbd } from './ceph-rbd.ts';
import { gcpPd } from './gcp-pd.ts';
import { linstor } from './linstor.ts';
import { longhorn } from './longhorn.ts';
import { openebsLvm } from './openebs-lvm.ts';
import type { Preset, Provider } from './preset.ts';
import { topolvm } from './topolvm.ts';

/** Every provider that Proffer knows. */
export const PRESETS: Readonly<Record<Provider, Preset>> = {
  'aws-ebs': awsEbs,
  'gcp-pd': gcpPd,
  'azure-disk': azureDisk,
  'ceph-rbd': cephRbd,
  longhorn,
  'openebs-lvm': openebsLvm,
  topolvm,
  linstor,
};

/** The preset that a pool asks for; undefined for provider custom and for a class that exists. */
export function presetOf({ provider }: Pick<StoragePoolSpec, 'provider'>): Preset | undefined {
  return provider === undefined || provider === 'custom' ? undefined : PRESETS[provider];
}

/** What is known of a CSI driver, whoever made the class; undefined for a driver that is not known. */
export function presetOfDriver(driver: string): Preset | undefined {
  return Object.values(PRESETS).find((preset) => isDriverOf(preset, driver));
}

export function isDriverOf(preset: Preset, driver: string): boolean {
  return preset.driver === driver || preset.hasAlias?.(driver) === true;
}
