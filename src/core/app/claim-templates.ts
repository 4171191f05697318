import type { VolumeClaim } from '../../api/volume-claim.ts';
import { formatBytes, parseBytes } from '../resources/quantity.ts';
import { showBytes } from '../resources/show-amount.ts';
import { buildClaimTemplate } from './build/claim-template.ts';
import { liveClaimTemplates } from './build/stateful-set.ts';
import { readField, readMap, readString } from './read-field.ts';
import type { Situation } from './situation.ts';
import type { WantedVolume } from './wanted-volume.ts';

/** How the claim templates of the live StatefulSet differ from what the app asks for. They cannot be changed in place. */
export interface TemplateChange {
  readonly added: readonly WantedVolume[];
  readonly removed: readonly string[];
  /** Volumes of which new claims should be larger, or have other attributes. */
  readonly changed: readonly WantedVolume[];
  /** The templates as they should be. */
  readonly templates: readonly object[];
  /** One sentence. */
  readonly why: string;
}

/** The claim templates for a StatefulSet that is not there yet. */
export function newClaimTemplates({ app, facts, volumes }: Situation): readonly object[] {
  return volumes.map((volume) => {
    const { claim, storageClassName } = volume;
    return buildClaimTemplate(app, claim, storageClassName, facts.pools.get(claim.pool ?? ''), sizeOf(volume));
  });
}

function sizeOf({ claim, bytes, newBytes }: WantedVolume): string {
  return newBytes === bytes ? String(claim.size) : formatBytes(newBytes);
}

/** Undefined: nothing differs. Templates that are there keep their class and mode, and never get smaller. */
export function templateChange(situation: Situation): TemplateChange | undefined {
  const { statefulSet, volumes } = situation;
  if (statefulSet === undefined) return undefined;
  const live = new Map(liveClaimTemplates(statefulSet).map((item) => [readString(item, 'metadata', 'name'), item]));
  const wanted = new Set(volumes.map(({ claim }) => claim.name));
  const added = volumes.filter(({ claim }) => !live.has(claim.name));
  const removed = [...live.keys()].filter((name) => !wanted.has(name));
  const changed = volumes.filter((volume) => isOtherwise(volume, live.get(volume.claim.name)));
  if (added.length + removed.length + changed.length === 0) return undefined;
  const fresh = newClaimTemplates(situation);
  const templates = volumes.map((volume, at) => {
    const old = live.get(volume.claim.name);
    return old === undefined ? (fresh[at] ?? {}) : changed.includes(volume) ? raised(old, volume) : old;
  });
  return { added, removed, changed, templates, why: sentence(added, removed, changed) };
}

function isOtherwise(volume: WantedVolume, template: object | undefined): boolean {
  if (template === undefined) return false;
  const attributes = volume.claim.volumeAttributesClassName;
  return (
    storageOf(template) < volume.newBytes ||
    (attributes !== undefined && attributes !== readString(template, 'spec', 'volumeAttributesClassName'))
  );
}

function raised(template: object, volume: WantedVolume): object {
  const isSmaller = storageOf(template) < volume.newBytes;
  const { volumeAttributesClassName }: VolumeClaim = volume.claim;
  return {
    ...template,
    spec: {
      ...readMap(template, 'spec'),
      ...(isSmaller ? { resources: { requests: { storage: sizeOf(volume) } } } : {}),
      ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
    },
  };
}

function storageOf(template: object): number {
  const size = readField(template, 'spec', 'resources', 'requests', 'storage');
  return typeof size === 'string' || typeof size === 'number' ? parseBytes(size) : 0;
}

function sentence(
  added: readonly WantedVolume[],
  removed: readonly string[],
  changed: readonly WantedVolume[],
): string {
  const parts = [
    ...added.map(({ claim }) => `volume ${claim.name} is added`),
    ...removed.map((name) => `volume ${name} is removed`),
    ...changed.map(({ claim, newBytes }) => `new claims of volume ${claim.name} ask for ${showBytes(newBytes)}`),
  ];
  return parts.join(', ');
}
