import type { KubeObject } from '../app/plan.ts';
import { readField, readList, readMap, readNumber, readString } from '../app/read-field.ts';
import { readLabelSelector, selects } from '../facts/label-selector.ts';
import { containersOf } from './app-manifest.ts';

/** Objects of the namespace that have to do with a StatefulSet. */
export interface Surroundings {
  readonly statefulSet: KubeObject;
  readonly budgets: readonly KubeObject[];
  readonly autoscalers: readonly KubeObject[];
}

/** The disruption budgets that select its pods. */
export function budgetsOf({ statefulSet, budgets }: Surroundings): readonly KubeObject[] {
  const labels = readMap(statefulSet, 'spec', 'template', 'metadata', 'labels') as Readonly<Record<string, string>>;
  return budgets.filter((budget) => selects(readLabelSelector(readField(budget, 'spec', 'selector')), labels));
}

/** Who would go on to change what is the app's then: each must be pointed elsewhere first. */
export function rivals({ statefulSet, autoscalers }: Surroundings): readonly string[] {
  const { name, namespace = '' } = statefulSet.metadata;
  return autoscalers
    .filter(
      (scaler) =>
        readString(scaler, 'spec', 'scaleTargetRef', 'kind') === 'StatefulSet' &&
        readString(scaler, 'spec', 'scaleTargetRef', 'name') === name,
    )
    .map(
      ({ metadata }) =>
        `HorizontalPodAutoscaler ${metadata.name} scales it: let it scale the app first (it waits until there is one), kubectl patch hpa ${metadata.name} -n ${namespace} --type=merge -p '{"spec":{"scaleTargetRef":{"apiVersion":"proffer.dev/v1alpha1","kind":"PersistentApp","name":"${name}"}}}'`,
    );
}

/** What is other than before, and what somebody should know or do. One sentence each. */
export function adoptionNotes(around: Surroundings): readonly string[] {
  const { statefulSet } = around;
  return [
    ...toolNotes(statefulSet),
    ...budgetsOf(around).map(
      ({ metadata }) =>
        `PodDisruptionBudget ${metadata.name} stays yours and goes on to count; the app makes none of its own`,
    ),
    ...strategyNotes(statefulSet),
    ...mountNotes(statefulSet),
  ];
}

function toolNotes({ metadata }: KubeObject): readonly string[] {
  const { annotations = {}, labels = {} } = metadata;
  const release = annotations['meta.helm.sh/release-name'];
  const isApplied = annotations['kubectl.kubernetes.io/last-applied-configuration'] !== undefined;
  const argo = annotations['argocd.argoproj.io/tracking-id'] ?? labels['argocd.argoproj.io/instance'];
  return [
    ...(release === undefined
      ? []
      : [
          `Helm release ${release} made it: put the PersistentApp into the chart in its place before the next upgrade, or that fails`,
        ]),
    ...(argo === undefined
      ? []
      : [
          `Argo CD (${argo}) made it: put the PersistentApp into its source in its place, or Argo CD makes it again and again`,
        ]),
    ...(isApplied
      ? [
          'it was made by kubectl apply: keep the PersistentApp where its manifest was, and apply the old manifest no more',
        ]
      : []),
  ];
}

function strategyNotes(statefulSet: KubeObject): readonly string[] {
  const partition = readNumber(statefulSet, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const isOrdered = readString(statefulSet, 'spec', 'podManagementPolicy') !== 'Parallel';
  return [
    ...(partition === 0
      ? []
      : [
          `updateStrategy.rollingUpdate.partition ${partition} has no equal: use spec.paused of the app to hold an update back`,
        ]),
    ...(isOrdered
      ? ['its pods were made one after the other (OrderedReady); members that are new, or all gone, start side by side']
      : []),
  ];
}

/** A volume is mounted into every container that does not mount it itself. */
function mountNotes(statefulSet: KubeObject): readonly string[] {
  const volumes = readList(statefulSet, 'spec', 'volumeClaimTemplates').map((item) =>
    readString(item, 'metadata', 'name'),
  );
  return containersOf(statefulSet).flatMap((container) => {
    const mounted = new Set(readList(container, 'volumeMounts').map((mount) => readString(mount, 'name')));
    const added = volumes.filter((volume) => !mounted.has(volume));
    if (added.length === 0) return [];
    return [
      `container ${readString(container, 'name')} gets volume ${added.join(', ')} too, when its pod is made again`,
    ];
  });
}
