import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessIdentity, identify, isAlive } from './processes.ts';

/** Who answers for a cluster: a process, after whose end it is a leftover; or a person, who ends it with `down`. */
export type Owner = { readonly kind: 'process'; readonly process: ProcessIdentity } | { readonly kind: 'person' };

const path = (stateDir: string): string => join(stateDir, 'owner.json');

export function ownerOf(stateDir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path(stateDir), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

export function takeOwnership(stateDir: string): void {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('The cluster can only be started where /proc is mounted (Linux).');
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  writeFileSync(path(stateDir), JSON.stringify({ kind: 'process', process: own } satisfies Owner));
}

/** From now on the cluster stays until somebody calls `down`. */
export function leaveToPerson(stateDir: string): void {
  writeFileSync(path(stateDir), JSON.stringify({ kind: 'person' } satisfies Owner));
}

export function forgetOwner(stateDir: string): void {
  rmSync(path(stateDir), { force: true });
}

/** Throws when somebody else uses the cluster of this index; a killed run's leftovers are nobody's. */
export function refuseWhenInUse(index: number, stateDir: string): void {
  const owner = ownerOf(stateDir);
  if (owner === undefined) return;
  const elsewhere = 'or take another index with PROFFER_CLUSTER_INDEX=0..29';
  if (owner.kind === 'person') {
    throw new Error(`Cluster ${index} is up. Stop it with \`npm run cluster -- down --index=${index}\`, ${elsewhere}.`);
  }
  if (isAlive(owner.process)) {
    throw new Error(
      `Cluster ${index} belongs to process ${owner.process.pid}, which still runs. Wait for its end, ${elsewhere}.`,
    );
  }
}
