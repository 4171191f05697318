// Several operators that stand for election, each behind a proxy of its own, and what befalls whoever leads.
import { LEASE, pathOf } from '../../src/kube/resource-type.ts';
import type { FaultCluster } from './fault-cluster.ts';
import { NAMESPACE } from './install-product.ts';
import type { Fault, KillingProxy } from './killing-proxy.ts';
import { startProgram, type Program } from './program.ts';

/** Long enough that nobody loses it on a machine that three other clusters keep busy; the Lease of one that is frozen is waited for. */
export const LEASE_TIMES: readonly string[] = ['--lease-seconds=20', '--renew-seconds=15', '--retry-seconds=1'];

export interface Replica {
  readonly program: Program;
  readonly proxy: KillingProxy;
}

export async function startReplica(
  world: FaultCluster,
  identity: string,
  flags: readonly string[] = [],
): Promise<Replica> {
  const { proxy, kubeconfigPath } = await world.operatorAccess();
  const where = [`--kubeconfig=${kubeconfigPath}`, `--namespace=${NAMESPACE}`, '--http-port=off'];
  const program = startProgram(['operator', ...where, `--identity=${identity}`, ...LEASE_TIMES, ...flags]);
  return { program, proxy };
}

/** Its holder is dead, and the end of its Lease need not be waited for. */
export async function freeLease({ client }: FaultCluster): Promise<void> {
  const path = pathOf(LEASE, NAMESPACE, 'proffer-operator');
  const contentType = 'application/merge-patch+json';
  await client.request({ method: 'PATCH', path, body: { spec: { holderIdentity: '' } }, contentType });
}

/** What befalls the one that is first to send a write like this. */
export interface Fate {
  /** Of `VERB /path`. */
  readonly write: RegExp;
  readonly fault: Fault;
  readonly signal: 'SIGSTOP' | 'SIGKILL';
  readonly onMet: (replica: Replica) => void;
}

/** One after the other: whom a fate has met is out, and the next one waits for the others. */
export function befall(world: FaultCluster, alive: readonly Replica[], [fate, ...others]: readonly Fate[]): void {
  for (const { proxy } of alive) proxy.disarm();
  if (fate === undefined) return;
  for (const replica of alive) {
    replica.proxy.armFor(fate.write, 1, fate.fault, () => {
      const met = replica.program.kill(fate.signal);
      if (fate.signal === 'SIGKILL') void met.then(() => freeLease(world));
      const rest = alive.filter((one) => one !== replica);
      befall(world, rest, others);
      fate.onMet(replica);
    });
  }
}
