import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { hangApiServer, resumeApiServer, untilAllHeard } from '../cluster/api-outage.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { auditPosition, writesSince } from '../support/audit-writes.ts';
import type { Recorder } from './recorder.ts';

/** Longer than it takes to suspect a node. */
const OUTAGE_SECONDS = 22;

/** An operator that cannot renew its Lease ends, and a new one knows of no silence: with these flags it outlives the outage. */
export const PATIENT = ['--lease-seconds=60', '--renew-seconds=50'];

/**
 * An outage of the API server, while all is well: the members go on writing, nobody takes anything from any node, then or later, and what
 * `observe` tells is as it was.
 */
export async function watchOutage(
  cluster: TestCluster,
  recorder: Pick<Recorder, 'acknowledged'>,
  observe: () => Promise<unknown>,
): Promise<void> {
  const [before, { length }] = [await observe(), recorder.acknowledged];
  const since = await auditPosition(cluster.auditLogPath ?? '');
  hangApiServer();
  await sleep(OUTAGE_SECONDS * 1000);
  const written = recorder.acknowledged.length - length;
  await resumeApiServer(cluster);
  await untilAllHeard(cluster);
  const taken = await writesSince(cluster.auditLogPath ?? '', since, 'proffer-operator');
  expect(taken.filter(({ verb, resource }) => verb === 'delete' || resource === 'nodes')).toEqual([]);
  expect(await observe()).toEqual(before);
  expect(written).toBeGreaterThan(OUTAGE_SECONDS / 2);
}
