import { isRecord, type KubeObject } from './kube-object.ts';
import { LEASE } from './resource-type.ts';
import { microTime } from './micro-time.ts';

/** What a Lease says; an absent or empty holder means that nobody holds it. */
export interface LeaseRecord {
  readonly holder: string;
  readonly leaseSeconds: number;
  readonly transitions: number;
  /** Compared for change only: the holder's clock is not ours. */
  readonly renewTime: string;
}

/** Reads a Lease as it came; fields of the wrong type count as absent. */
export function readLease(lease: KubeObject): LeaseRecord {
  const spec = isRecord(lease['spec']) ? lease['spec'] : {};
  const { holderIdentity, leaseDurationSeconds, leaseTransitions, renewTime } = spec;
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    leaseSeconds: typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : 0,
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
    renewTime: typeof renewTime === 'string' ? renewTime : '',
  };
}

/** Who holds a Lease from now on. */
export interface Holding {
  readonly holder: string;
  readonly leaseSeconds: number;
  readonly transitions: number;
}

/** The Lease as it was read, held anew: acquired now when the transitions changed, else only renewed. Fields we do not know stay. */
export function heldLease(lease: KubeObject, holding: Holding, epochSeconds: number): KubeObject {
  const spec = isRecord(lease['spec']) ? lease['spec'] : {};
  const now = microTime(epochSeconds);
  const acquired = spec['leaseTransitions'] !== holding.transitions;
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: holding.holder,
      leaseDurationSeconds: holding.leaseSeconds,
      leaseTransitions: holding.transitions,
      renewTime: now,
      ...(acquired ? { acquireTime: now } : {}),
    },
  };
}

/** A Lease that nobody made yet. */
export function newLease(namespace: string, name: string): KubeObject {
  return { apiVersion: LEASE.apiVersion, kind: LEASE.kind, metadata: { name, namespace } };
}
