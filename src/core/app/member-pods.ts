import { LABEL_FRAMEWORK } from '../../api/labels.ts';
import type { PersistentApp } from '../../api/persistent-app.ts';
import { type Json, integerOf, listOf, objectOf, textOf, textsOf } from '../facts/json.ts';
import { type Labels, readLabelSelector, withLabelKeys } from '../facts/label-selector.ts';
import type { MemberPods, SpreadRule } from '../facts/member-pods.ts';
import { readHostPorts, readPodTerms } from '../facts/pod-term.ts';
import { ownedLabels, selectorLabels } from './build/owned-metadata.ts';
import type { KubeObject } from './plan.ts';
import { readString } from './read-field.ts';

/**
 * The app's pods as other pods' rules see them, and their own rules about other pods: those that the user wrote. What we compile from
 * constraints into the template is left out, since the constraints are kept themselves. `statefulSet`, where it is known, adds the label
 * of the revision, which `matchLabelKeys` may name.
 */
export function memberPods(app: PersistentApp, statefulSet?: KubeObject): MemberPods {
  const { namespace } = app.metadata;
  const spec = objectOf(app.spec.template.spec);
  const labels = labelsOf(app, statefulSet);
  const owner = { namespace, labels };
  return {
    namespace,
    labels,
    affinity: readPodTerms(spec, 'podAffinity', owner),
    antiAffinity: readPodTerms(spec, 'podAntiAffinity', owner),
    spread: listOf(spec['topologySpreadConstraints'])
      .map(objectOf)
      .filter((rule) => rule['whenUnsatisfiable'] === 'DoNotSchedule')
      .map((rule) => readSpreadRule(rule, labels)),
    hostPorts: readHostPorts(spec),
  };
}

/** As in the pod template that is built; the StatefulSet controller adds the revision. */
function labelsOf(app: PersistentApp, statefulSet: KubeObject | undefined): Labels {
  const revision = readString(statefulSet, 'status', 'updateRevision');
  return {
    ...ownedLabels(app),
    ...app.spec.template.metadata?.labels,
    ...selectorLabels(app),
    [LABEL_FRAMEWORK]: app.spec.framework,
    ...(revision === '' ? {} : { 'controller-revision-hash': revision }),
  };
}

function readSpreadRule(raw: Json, labels: Labels): SpreadRule {
  const keys = { match: textsOf(raw['matchLabelKeys']), mismatch: [] };
  return {
    topologyKey: textOf(raw['topologyKey']),
    maxSkew: integerOf(raw['maxSkew']) ?? 1,
    minDomains: integerOf(raw['minDomains']) ?? 1,
    selector: withLabelKeys(readLabelSelector(raw['labelSelector']), labels, keys),
    honorsAffinity: raw['nodeAffinityPolicy'] !== 'Ignore',
    honorsTaints: raw['nodeTaintsPolicy'] === 'Honor',
  };
}
