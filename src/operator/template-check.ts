import type { PersistentApp } from '../api/persistent-app.ts';
import { buildPodTemplate } from '../core/app/build/pod-template.ts';
import { KubeError, classify } from '../kube/errors.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';

/**
 * What the API server thinks of a pod: `problem` in its own words, undefined when it takes the pod or could not be asked. `final` false:
 * the answer may change by itself, ask again later.
 */
export interface TemplateAnswer {
  readonly problem: string | undefined;
  readonly final: boolean;
}

type Remembered = TemplateAnswer & { readonly generation: number };

/** Refusals by admission that are about the pod itself, and not about quota, permissions or what a new namespace still lacks. */
const ABOUT_THE_POD = /violates PodSecurity|no PriorityClass with name|admission webhook .* denied|denied request/;

/**
 * Asks the API server, by a dry-run with strict field validation, whether it would take a member's pod: once per app and generation,
 * so that a mistyped field is told to the user instead of being dropped. Answers live in memory.
 */
export class TemplateCheck {
  readonly #answers = new Map<string, Remembered>();
  readonly #writer: Pick<Writer, 'dryRunApply'>;
  readonly #schedulerName: string;

  /** @param schedulerName who binds members. */
  constructor(writer: Pick<Writer, 'dryRunApply'>, schedulerName: string) {
    this.#writer = writer;
    this.#schedulerName = schedulerName;
  }

  /** Throws what is worth a retry with backoff. */
  async ask(app: PersistentApp, priorityClass: string): Promise<TemplateAnswer> {
    const { uid, generation } = app.metadata;
    const known = this.#answers.get(uid);
    if (known?.generation === generation && known.final) return known;
    const answer = await this.#try(app, templatePod(app, priorityClass, this.#schedulerName));
    this.#answers.set(uid, { generation, ...answer });
    return answer;
  }

  forget(uid: string): void {
    this.#answers.delete(uid);
  }

  async #try(app: PersistentApp, pod: KubeObject): Promise<TemplateAnswer> {
    try {
      await this.#writer.dryRunApply(pod);
      return { problem: undefined, final: true };
    } catch (error) {
      if (!(error instanceof KubeError) || classify(error) !== 'terminal') throw error;
      const problem = inUsersWords(error.message, app);
      if (error.status !== 403) return { problem, final: true };
      return { problem: ABOUT_THE_POD.test(problem) ? problem : undefined, final: false };
    }
  }
}

/** The user knows the app, and not the name under which we asked. */
export function inUsersWords(message: string, app: PersistentApp): string {
  return message.replaceAll(checkName(app), app.metadata.name).replace(CONVERSION, '');
}

const CONVERSION =
  /^failed to convert new object \(.*?\) to proper version: unable to convert unstructured object to [^:]*: /;

function checkName(app: PersistentApp): string {
  return `proffer-check-${app.metadata.uid}`;
}

/** A pod as the StatefulSet controller would make it, under a name that no pod has. */
export function templatePod(app: PersistentApp, priorityClass: string, schedulerName: string): KubeObject {
  const { metadata, spec } = buildPodTemplate(app, app.spec.volumeClaims, priorityClass, schedulerName);
  const volumes = app.spec.volumeClaims.map(({ name }) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const own = Array.isArray(spec['volumes']) ? spec['volumes'] : [];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: checkName(app), namespace: app.metadata.namespace },
    spec: { ...spec, volumes: [...own, ...volumes] },
  };
}
