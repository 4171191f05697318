// Reservations of one namespace in an API server that checks resource versions, and may not answer.
import { parseReservation } from '../../src/api/parse.ts';
import type { Slot } from '../../src/api/reservation.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { KubeError } from '../../src/kube/errors.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import type { ReservationWriterOptions } from '../../src/operator/reservation-writer.ts';

/** What becomes of a write that hangs: it has no effect before it is answered, or it has at once. */
export type Hang = 'idle' | 'done';

/** As Writer does. */
export const TIMEOUT_SECONDS = 10;

interface Held {
  readonly app: string;
  readonly answer: () => void;
}

export class HangingApi {
  /** By app, whose writes hang from now on. */
  readonly hangs = new Map<string, Hang>();
  /** By app. */
  readonly objects = new Map<string, KubeObject>();
  /** Apps for which two writes were under way at once. */
  readonly sideBySide: string[] = [];
  readonly writer: ReservationWriterOptions['writer'] = {
    create: (object) => this.#send(object.metadata.name, () => this.#create(object)),
    patchCas: (_type, _namespace, name, patch, version) => this.#send(name, () => this.#patch(name, patch, version)),
    get: () => Promise.reject(new Error('nobody reads')),
    delete: () => Promise.reject(new Error('nobody deletes')),
  };
  readonly #clock: Clock;
  readonly #writing = new Set<string>();
  #held: readonly Held[] = [];
  #version = 10;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  slots(app: string): readonly Slot[] {
    const object = this.objects.get(app);
    return object === undefined ? [] : parseReservation(object).spec.slots;
  }

  /** Somebody else writes: the members' pods came, and claimed their slots. */
  claim(app: string): void {
    const object = this.objects.get(app);
    if (object === undefined) return;
    const slots = this.slots(app).map((slot) =>
      slot.state === 'Held' ? { ...slot, state: 'Claimed', podUID: 'p' } : slot,
    );
    this.#keep({ ...object, spec: { ...(object['spec'] as object), slots } });
  }

  /** The app's writes hang no more, and those that did are answered, unless they were given up. */
  answer(name: string): void {
    this.hangs.delete(name);
    for (const { app, answer } of this.#held) if (app === name) answer();
    this.#held = this.#held.filter(({ app }) => app !== name);
  }

  #send(app: string, write: () => KubeObject): Promise<KubeObject> {
    if (this.#writing.has(app)) this.sideBySide.push(app);
    this.#writing.add(app);
    const { promise, resolve, reject } = Promise.withResolvers<KubeObject>();
    const reply = (outcome: () => KubeObject): void => {
      this.#writing.delete(app);
      try {
        resolve(outcome());
      } catch (error) {
        reject(error);
      }
    };
    const hang = this.hangs.get(app);
    if (hang === undefined) reply(write);
    else this.#hold(app, hang === 'idle' ? write : lazily(write), reply);
    return promise;
  }

  #hold(app: string, write: () => KubeObject, reply: (outcome: () => KubeObject) => void): void {
    const cancel = this.#clock.after(TIMEOUT_SECONDS, () => {
      this.#held = this.#held.filter((one) => one !== held);
      reply(() => {
        throw new KubeError({ status: 0, reason: 'Timeout', message: 'no complete reply within 10 s' });
      });
    });
    const held = {
      app,
      answer: (): void => {
        cancel();
        reply(write);
      },
    };
    this.#held = [...this.#held, held];
  }

  #create(object: KubeObject): KubeObject {
    const { name } = object.metadata;
    if (this.objects.has(name)) throw refused('AlreadyExists');
    return this.#keep({ ...object, metadata: { ...object.metadata, uid: `rsv-${name}-${this.#version}` } });
  }

  #patch(name: string, patch: Readonly<Record<string, unknown>>, version: string): KubeObject {
    const object = this.objects.get(name);
    if (object === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    if (object.metadata.resourceVersion !== version) throw refused('Conflict');
    return this.#keep({ ...object, spec: { ...(object['spec'] as object), ...(patch['spec'] as object) } });
  }

  #keep(object: KubeObject): KubeObject {
    this.#version += 1;
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: `${this.#version}` } };
    this.objects.set(object.metadata.name, kept);
    return kept;
  }
}

/** Does it now, and tells later what came of it. */
function lazily(write: () => KubeObject): () => KubeObject {
  try {
    const answer = write();
    return () => answer;
  } catch (error) {
    return () => {
      throw error as Error;
    };
  }
}

function refused(reason: string): KubeError {
  return new KubeError({ status: 409, reason, message: reason });
}
