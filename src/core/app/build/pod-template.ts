import { LABEL_FRAMEWORK, SCHEDULER_NAME, TAINT_RESERVED } from '../../../api/labels.ts';
import type { PersistentApp } from '../../../api/persistent-app.ts';
import type { PodTemplate } from '../../../api/pod-template.ts';
import type { VolumeClaim } from '../../../api/volume-claim.ts';
import { intentHash } from '../intent-hash.ts';
import { readList, readString } from '../read-field.ts';
import { ANNOTATION_TEMPLATE } from './annotations.ts';
import { compileAffinity } from './compile-affinity.ts';
import { compileSpread } from './compile-spread.ts';
import { memberEnvironment } from './member-environment.ts';
import { ownedLabels, selectorLabels } from './owned-metadata.ts';

type Container = PodTemplate['spec']['containers'][number];
type Toleration = NonNullable<PodTemplate['spec']['tolerations']>[number];

/** A pod template as the API server takes it. */
export interface BuiltTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/**
 * The user's template and what makes it a member: labels, scheduler, member facts in the environment, volumes mounted into every
 * container that does not mount them itself, constraints where Kubernetes has an equal, a toleration for nodes that are set aside for
 * members. Nothing that the user wrote is replaced but `schedulerName` and labels of ours. `priorityClass` is used when the template
 * names none; empty: none.
 */
export function buildPodTemplate(
  app: PersistentApp,
  volumes: readonly VolumeClaim[],
  priorityClass: string,
  schedulerName: string = SCHEDULER_NAME,
): BuiltTemplate {
  const { metadata, spec } = app.spec.template;
  const service = app.spec.serviceName ?? app.metadata.name;
  const content = {
    ...spec,
    containers: spec.containers.map((container) => withMemberFacts(container, service, volumes)),
    ...(spec.initContainers === undefined
      ? {}
      : { initContainers: spec.initContainers.map((item) => withMemberFacts(item, service, volumes)) }),
  };
  const labels = { ...ownedLabels(app), ...metadata?.labels, ...selectorLabels(app) };
  const hash = templateHash(content, { ...labels, ...metadata?.annotations });
  return {
    metadata: {
      labels: { ...labels, [LABEL_FRAMEWORK]: app.spec.framework },
      annotations: { ...metadata?.annotations, [ANNOTATION_TEMPLATE]: hash },
    },
    spec: { ...content, schedulerName, ...schedulingFields(app, priorityClass) },
  };
}

/** Fields that only say where a pod may go; running members keep to the old ones until they restart for another reason. */
const SCHEDULING_FIELDS = new Set([
  'schedulerName',
  'priorityClassName',
  'affinity',
  'nodeSelector',
  'tolerations',
  'topologySpreadConstraints',
]);

/** Nodes with this taint are set aside for members. */
const TOLERATES_RESERVED: Toleration = { key: TAINT_RESERVED, operator: 'Exists' };

function withReservedNodes(own: readonly Toleration[]): readonly Toleration[] {
  const has = own.some(({ key, operator, effect }) => key === TAINT_RESERVED && operator === 'Exists' && !effect);
  return has ? own : [...own, TOLERATES_RESERVED];
}

function templateHash(spec: object, marks: Readonly<Record<string, string>>): string {
  const content = Object.entries(spec).filter(([field]) => !SCHEDULING_FIELDS.has(field));
  const kept = Object.entries(marks).filter(([key]) => key !== LABEL_FRAMEWORK);
  return intentHash([Object.fromEntries(content), Object.fromEntries(kept)]);
}

function schedulingFields(app: PersistentApp, priorityClass: string): Readonly<Record<string, unknown>> {
  const { spec } = app.spec.template;
  const affinity = compileAffinity(app.spec.placement.constraints, spec.affinity, selectorLabels(app));
  const spread = compileSpread(
    app.spec.placement.constraints,
    spec.topologySpreadConstraints ?? [],
    selectorLabels(app),
  );
  return {
    ...((spec.priorityClassName ?? '') === '' && priorityClass !== '' ? { priorityClassName: priorityClass } : {}),
    ...(affinity === undefined ? {} : { affinity }),
    tolerations: withReservedNodes(spec.tolerations ?? []),
    ...(spread.length === 0 ? {} : { topologySpreadConstraints: spread }),
  };
}

function withMemberFacts(container: Container, service: string, volumes: readonly VolumeClaim[]): object {
  const env = readList(container, 'env');
  const named = new Set(env.map((entry) => readString(entry, 'name')));
  // First, so that the user's own variables can refer to them: $(PROFFER_MEMBER).
  const facts = memberEnvironment(service).filter((entry) => !named.has(entry.name));
  const mounts = readList(container, 'volumeMounts');
  return { ...container, env: [...facts, ...env], ...mountsWith(mounts, volumes) };
}

/** A container that mounts a volume itself, or has something else at its path, knows better (all of them: unmounted-volume.ts). */
function mountsWith(mounts: readonly unknown[], volumes: readonly VolumeClaim[]): object {
  const names = new Set(mounts.map((mount) => readString(mount, 'name')));
  const paths = new Set(mounts.map((mount) => readString(mount, 'mountPath')));
  const added = volumes
    .filter((volume) => !names.has(volume.name) && !paths.has(volume.mountPath))
    .map((volume) => ({ name: volume.name, mountPath: volume.mountPath }));
  return mounts.length + added.length === 0 ? {} : { volumeMounts: [...mounts, ...added] };
}
