import type { TestCluster } from '../test/cluster/test-cluster.ts';
import { auditPosition, writesSince } from '../test/support/audit-writes.ts';
import { RELEASE_NAMESPACE } from './install-proffer.ts';
import type { Screen } from './screen.ts';

/** How many writes of Proffer the API server saw while nothing happened; null where there is no audit log to read. */
export async function watchRest(cluster: TestCluster, restSeconds: number, screen: Screen): Promise<number | null> {
  if (cluster.auditLogPath === undefined) {
    screen.say('writes at rest: not measured, this cluster gives no audit log');
    return null;
  }
  await new Promise((resolve) => setTimeout(resolve, 3000)); // the last transition's status and events are not rest
  const position = await auditPosition(cluster.auditLogPath);
  await new Promise((resolve) => setTimeout(resolve, restSeconds * 1000));
  const writes = await writesSince(cluster.auditLogPath, position, `system:serviceaccount:${RELEASE_NAMESPACE}:`);
  screen.say(`at rest: ${writes.length} writes of Proffer in ${restSeconds} s, by the API server's audit log`);
  for (const write of writes) screen.say(`  ${write.verb} ${write.resource} ${write.key} by ${write.user}`);
  return writes.length;
}
