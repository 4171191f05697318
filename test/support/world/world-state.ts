import type { AppBackup } from '../../../src/api/app-backup.ts';
import type { PersistentApp } from '../../../src/api/persistent-app.ts';
import type { Reservation } from '../../../src/api/reservation.ts';
import type { AppFacts } from '../../../src/core/app/facts.ts';
import type { KubeObject } from '../../../src/core/app/plan.ts';
import type { NodeFacts } from '../../../src/core/facts/node-facts.ts';
import type { PodFacts } from '../../../src/core/facts/pod-facts.ts';
import type { ClaimFacts } from '../../../src/core/facts/storage-facts.ts';
import { NOW, app, node } from '../app-builders.ts';

export type ChildKind = 'Service' | 'StatefulSet' | 'PodDisruptionBudget';
export type SpecChange = Readonly<Record<string, unknown>>;

/** Everything there is in a small cluster in memory around one app. */
export class WorldState {
  now = NOW;
  app: PersistentApp;
  reservation: Reservation | undefined;
  readonly children = new Map<ChildKind, KubeObject>();
  readonly pods = new Map<string, PodFacts>();
  readonly claims = new Map<string, ClaimFacts>();
  readonly nodes = new Map<string, NodeFacts>();
  decline: AppFacts['decline'];
  readonly backups = new Map<string, AppBackup>();
  /** From which snapshot a claim was made, by the claim's UID. */
  readonly filled = new Map<string, string>();
  /** Names of claims that the operator deleted. */
  readonly removed: string[] = [];
  /** What volumes may be filled from, beside backups. */
  sources: AppFacts['dataSources'];
  /** The app was deleted, and nothing holds it any more. */
  isGone = false;
  /** What must never happen and did. */
  readonly violations: string[] = [];
  /** Slots that fit on one node. */
  readonly room: number;
  #uids = 0;

  constructor(spec: SpecChange, nodes: number, room: number) {
    this.app = app({ spec, metadata: { uid: this.newUid('app') } });
    this.room = room;
    for (let index = 1; index <= nodes; index += 1) this.nodes.set(`n${index}`, node(`n${index}`));
  }

  newUid(of: string): string {
    this.#uids += 1;
    return `${of.toLowerCase()}-${this.#uids}`;
  }

  /** As the API server does: a pod on a node is only marked, and goes when the kubelet has stopped it. */
  deletePod(name: string, uid: string): void {
    const pod = this.pods.get(name);
    if (pod === undefined || pod.uid !== uid) return;
    if (pod.nodeName === '') this.pods.delete(name);
    else this.pods.set(name, { ...pod, deleting: true, ready: false });
  }
}
