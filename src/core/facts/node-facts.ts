import type { Resources } from '../resources/resources.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** What a decision needs of a Node. `ready` is the Ready condition being True; `unschedulable` is the cordon. */
export interface NodeFacts {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly ready: boolean;
  readonly allocatable: Resources;
  /** Annotations that keep autoscalers away, ours and others' (app/node-protection.ts); absent: none. */
  readonly protection?: Readonly<Record<string, string>>;
  /** Since when (RFC 3339) it is declared out of service by us; absent: not by us. */
  readonly fencedByUs?: string;
  /** What the cloud calls its machine (`aws:///zone/i-…`, `gce://project/zone/name`); absent: none. */
  readonly providerID?: string;
  /** Another one after each start of its machine; absent: its kubelet did not say yet. */
  readonly bootID?: string;
}
