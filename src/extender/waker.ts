import { KubeError, classify } from '../kube/errors.ts';
import type { Log } from '../kube/log.ts';
import { POD } from '../kube/resource-type.ts';
import type { Writer } from '../kube/writer.ts';
import type { SleepingPod } from './cache-message.ts';

/** Apart from the operator's own annotation, so that neither overwrites the other's. */
export const ANNOTATION_WOKEN = 'proffer.dev/woken-by-extender';

/** So many pods a second at most: each is a write, and a scheduling attempt. */
const WAKES_PER_SECOND = 20;

/** Nobody waits for those: kube-scheduler tries every pod again by itself within a minute or two (ADR 26). */
const QUEUED = 2000;

/** Touches pods that kube-scheduler put aside, so that it tries them again. Never nodes, and never more than a few a second. */
export class Waker {
  readonly #writer: Pick<Writer, 'patchMetadata'>;
  readonly #log: Log;
  readonly #queue = new Map<string, SleepingPod>();
  /** Once refused the right, we do not ask again: the operator wakes members too, only later. */
  #forbidden = false;

  constructor(writer: Pick<Writer, 'patchMetadata'>, log: Log) {
    this.#writer = writer;
    this.#log = log;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** The oldest come first; a pod that is waiting already is not added again. */
  add(pods: readonly SleepingPod[]): void {
    for (const pod of pods) if (!this.#forbidden && this.#queue.size < QUEUED) this.#queue.set(pod.uid, pod);
  }

  /** Wakes the next few; call it ten times a second. `now` is any text that differs from call to call. */
  async wakeSome(now: string): Promise<void> {
    const pods = [...this.#queue.values()].slice(0, WAKES_PER_SECOND / 10);
    for (const pod of pods) this.#queue.delete(pod.uid);
    await Promise.all(pods.map((pod) => this.#wake(pod, now)));
  }

  async #wake({ uid, namespace, name }: SleepingPod, now: string): Promise<void> {
    try {
      await this.#writer.patchMetadata(POD, namespace, name, { annotations: { [ANNOTATION_WOKEN]: now } }, { uid });
    } catch (error) {
      // Gone or replaced meanwhile: nothing to wake.
      if (['notFound', 'conflict'].includes(classify(error))) return;
      if (this.#forbidden) return;
      this.#forbidden = error instanceof KubeError && error.status === 403;
      const advice = this.#forbidden ? ', and so will others: allow the scheduler to patch pods' : '';
      this.#log.warn(
        { err: error, pod: `${namespace}/${name}` },
        `a refused pod was not woken and may wait some minutes${advice}`,
      );
    }
  }
}
