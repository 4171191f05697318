import type { PodFacts } from '../facts/pod-facts.ts';
import { ANNOTATION_TEMPLATE } from '../app/build/annotations.ts';
import type { Action, KubeObject } from '../app/plan.ts';
import { readMap, readString } from '../app/read-field.ts';
import type { Situation } from '../app/situation.ts';

/**
 * The labels by which the next StatefulSet takes up pods that the last one left, where they lack them: those of an adopted StatefulSet had
 * another selector. Not before that one is gone: it would let go of pods that it does not select any more. With the labels they get the mark
 * of the template, which is theirs by `adoptionProblems`, so that nobody restarts them for it.
 */
export function relabelPods({ members }: Situation, next: KubeObject): readonly Action[] {
  const labels = textsOf(readMap(next, 'spec', 'selector', 'matchLabels'));
  const template = readString(next, 'spec', 'template', 'metadata', 'annotations', ANNOTATION_TEMPLATE);
  return members
    .flatMap(({ pod }) => pod ?? [])
    .filter((pod) => !pod.deleting && lacks(pod, labels))
    .map(({ namespace, name, uid }): Action => {
      const target = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
      return { kind: 'mark', target, labels, annotations: { [ANNOTATION_TEMPLATE]: template } };
    });
}

function lacks(pod: PodFacts, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).some(([key, value]) => pod.labels[key] !== value);
}

function textsOf(map: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value)]));
}
