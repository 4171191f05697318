import type { StoragePoolSpec } from '../../api/storage-pool.ts';
import { CSI_FSTYPE, KNOBS, type Knob, type KnobRule, type Parameters, type Preset } from './preset.ts';
import { isDriverOf, presetOf } from './presets.ts';

/** What a pool's StorageClass says to its driver. `problems`: what is wrong, where, and what to do; with any, no class is to be made. */
export interface PoolClass {
  readonly provisioner: string;
  readonly parameters: Parameters;
  readonly problems: readonly string[];
}

/** The class that a pool wants made; undefined for a pool that uses one that exists. */
export function poolClass(spec: StoragePoolSpec): PoolClass | undefined {
  if (spec.custom !== undefined) return customClass(spec, spec.custom);
  const preset = presetOf(spec);
  return preset === undefined ? undefined : presetClass(spec, preset);
}

/** The parameters that a pool's VolumeSnapshotClass needs: what its preset knows, then what the pool says. */
export function snapshotParameters(spec: StoragePoolSpec): Parameters {
  const known = presetOf(spec)?.snapshotParameters(poolClass(spec)?.parameters ?? {}) ?? {};
  return { ...known, ...spec.snapshots.parameters };
}

function customClass({ fsType }: StoragePoolSpec, { provisioner, parameters }: NonNullable<StoragePoolSpec['custom']>) {
  const written = parameters[CSI_FSTYPE];
  const twice = fsType !== undefined && written !== undefined && written !== fsType;
  return {
    provisioner,
    parameters: { ...parameters, ...(fsType === undefined ? {} : { [CSI_FSTYPE]: fsType }) },
    problems: twice
      ? [`spec.fsType is ${fsType} and custom.parameters ${CSI_FSTYPE} is "${written}": remove one of them`]
      : [],
  };
}

function presetClass(spec: StoragePoolSpec, preset: Preset): PoolClass {
  const provisioner = spec.driver ?? preset.driver;
  const given = spec.parameters ?? {};
  const said = knobParameters(spec, preset, provisioner);
  const parameters = { ...preset.added(spec), ...given, ...said };
  return {
    provisioner,
    parameters,
    problems: [
      ...(isDriverOf(preset, provisioner) ? [] : [foreignDriver(preset, provisioner)]),
      ...KNOBS.flatMap((knob) => knobProblems(knob, spec, preset)),
      ...fsTypeProblems(spec, preset),
      ...saidTwice(given, said),
      ...missing(parameters, preset),
      ...preset.contradictions(spec, given),
    ],
  };
}

function knobParameters(
  spec: StoragePoolSpec,
  { knobs, fsTypes, fsTypeParameter }: Preset,
  driver: string,
): Parameters {
  const parameters: Record<string, string> = {};
  for (const knob of KNOBS) {
    const value = spec[knob];
    const rule = knobs[knob];
    if (value === undefined || rule === undefined) continue;
    const name = typeof rule.parameter === 'string' ? rule.parameter : rule.parameter(driver);
    parameters[name] = rule.show?.(value) ?? String(value);
  }
  if (spec.fsType !== undefined && fsTypes.includes(spec.fsType)) parameters[fsTypeParameter] = spec.fsType;
  return parameters;
}

function knobProblems(knob: Knob, spec: StoragePoolSpec, preset: Preset): readonly string[] {
  const value = spec[knob];
  if (value === undefined) return [];
  const rule = preset.knobs[knob];
  if (rule !== undefined) return [...valueProblems(knob, String(value), rule), ...typeProblems(knob, spec.type, rule)];
  const instead = preset.instead[knob];
  return [
    `spec.${knob}: ${preset.provider} has no such setting; remove it${instead === undefined ? '' : `: ${instead}`}`,
  ];
}

function valueProblems(knob: Knob, value: string, { values }: KnobRule): readonly string[] {
  if (values === undefined || values.includes(value)) return [];
  return [`spec.${knob} is ${value}, and the driver takes ${values.join(', ')}`];
}

function typeProblems(knob: Knob, type: string | undefined, { types }: KnobRule): readonly string[] {
  if (types === undefined || types.includes(type)) return [];
  const named = types.filter((name) => name !== undefined).join(', ');
  const is = type === undefined ? 'spec.type is not set' : `spec.type is ${type}`;
  return [`spec.${knob} is for disks of type ${named}, and ${is}: remove spec.${knob}, or use such a type`];
}

function fsTypeProblems({ fsType }: StoragePoolSpec, { provider, fsTypes }: Preset): readonly string[] {
  if (fsType === undefined || fsTypes.includes(fsType)) return [];
  return [`spec.fsType is ${fsType}, and ${provider} makes ${fsTypes.join(', ')}: use one of these`];
}

function saidTwice(given: Parameters, said: Parameters): readonly string[] {
  return Object.entries(said).flatMap(([name, value]) => {
    const other = given[name];
    return other === undefined || other === value
      ? []
      : [`spec.parameters has ${name} "${other}" and the pool's own field says "${value}": remove one of them`];
  });
}

function missing(parameters: Parameters, { provider, required, documentation }: Preset): readonly string[] {
  return required
    .filter((names) => names.every((name) => parameters[name] === undefined))
    .map(
      (names) =>
        `spec.parameters lacks ${names.join(' or ')}, without which ${provider} makes no volume (${documentation})`,
    );
}

function foreignDriver({ provider, driver }: Preset, other: string): string {
  return `spec.driver is ${other}, which is not a name of the ${provider} driver (${driver}): remove it, or use provider custom`;
}
