import type { PersistentApp } from '../api/persistent-app.ts';
import { readNumber } from '../core/app/read-field.ts';
import type { PodAnswer } from '../core/app/pod-answer.ts';
import { KubeError, classify } from '../kube/errors.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';
import { BY_APP, type Stores } from './caches.ts';
import { inUsersWords, templatePod } from './template-check.ts';

export interface PodCheckOptions {
  readonly writer: Pick<Writer, 'dryRunApply'>;
  readonly stores: Pick<Stores, 'pods' | 'statefulSets'>;
  /** Who binds members. */
  readonly schedulerName: string;
  readonly memberPriorityClass: string;
  /** Epoch seconds. */
  readonly now: () => number;
}

/** A pod is not missed for so long: the StatefulSet controller is about to make it. */
const GRACE_SECONDS = 3;
/** How often it is asked while pods are missing: at first, and after a while. */
const OFTEN_SECONDS = 10;
const SELDOM_SECONDS = 60;
const LONG_SECONDS = 300;

interface Missing {
  readonly sinceSeconds: number;
  askAtSeconds: number;
  answer: PodAnswer;
}

const NOTHING: PodAnswer = { problem: undefined };

/**
 * Asks the API server by a dry-run whether it would take one more pod of an app whose StatefulSet makes fewer than it should: quotas,
 * limit ranges and webhooks refuse pods that were fine when the template was checked, and only an event says so. Answers live in memory,
 * and are forgotten when no pod is missing.
 */
export class PodCheck {
  readonly #missing = new Map<string, Missing>();
  readonly #options: PodCheckOptions;

  constructor(options: PodCheckOptions) {
    this.#options = options;
  }

  /** Never throws: an answer that does not come leaves the last one. */
  async ask(app: PersistentApp): Promise<PodAnswer> {
    const { uid } = app.metadata;
    const now = this.#options.now();
    if (!this.#lacksPods(app)) {
      this.#missing.delete(uid);
      return NOTHING;
    }
    const known = this.#missing.get(uid) ?? { sinceSeconds: now, askAtSeconds: now + GRACE_SECONDS, answer: NOTHING };
    this.#missing.set(uid, known);
    if (now < known.askAtSeconds) return known.answer;
    known.askAtSeconds = now + (now - known.sinceSeconds < LONG_SECONDS ? OFTEN_SECONDS : SELDOM_SECONDS);
    known.answer = answerAfter(known.answer, await this.#try(app, known.answer.problem), now);
    return known.answer;
  }

  /** Seconds until it is to be asked again; undefined: no pod is missing. */
  wakeAfterSeconds({ metadata }: PersistentApp): number | undefined {
    const known = this.#missing.get(metadata.uid);
    return known === undefined ? undefined : Math.max(0, known.askAtSeconds - this.#options.now());
  }

  forget(uid: string): void {
    this.#missing.delete(uid);
  }

  #lacksPods({ metadata }: PersistentApp): boolean {
    const { stores } = this.#options;
    const key = objectKey(metadata.namespace, metadata.name);
    const wanted = readNumber(stores.statefulSets.get(key), 'spec', 'replicas') ?? 0;
    return stores.pods.byIndex(BY_APP, key).length < wanted;
  }

  /** What it says to the pod; `before` when it does not say. */
  async #try(app: PersistentApp, before: string | undefined): Promise<string | undefined> {
    const { writer, memberPriorityClass, schedulerName } = this.#options;
    try {
      await writer.dryRunApply(templatePod(app, memberPriorityClass, schedulerName));
      return undefined;
    } catch (error) {
      return error instanceof KubeError && isRefusal(error) ? inUsersWords(error.message, app) : before;
    }
  }
}

/** A webhook that cannot be reached keeps pods out, too. */
function isRefusal(error: KubeError): boolean {
  return classify(error) === 'terminal' || /failed calling webhook/.test(error.message);
}

function answerAfter(before: PodAnswer, problem: string | undefined, now: number): PodAnswer {
  if (problem !== undefined) return { problem };
  return before.problem === undefined ? before : { problem, takenSinceSeconds: now };
}
