// Small apps that begin on certain nodes, and may leave them afterwards for those that are nobody's home.
import type { TestCluster } from '../cluster/test-cluster.ts';
import { faultApp } from './fault-app.ts';

/** The shortest that counts: a silence of two renewals and a little more. */
const QUICK = { nodeFailure: { suspectAfterSeconds: 15, actAfterSeconds: 25 } };

/** A cordon would move the members that are there. */
const ONLY = 'example.com/only';

/** An app of one member in a namespace of its own. */
export interface HomedApp {
  readonly namespace: string;
  readonly node: string;
  /** Default: `data`. */
  readonly pool?: string;
}

/**
 * Creates the apps. A home lets in nobody else, now or later; the other nodes let them in once `untilReady` says that they are at home.
 */
export async function createAtHome(
  cluster: TestCluster,
  apps: readonly HomedApp[],
  untilReady: () => Promise<void>,
): Promise<void> {
  const homes = [...new Set(apps.map(({ node }) => node))];
  const names = (await cluster.kubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
  const others = names.filter((name) => !homes.includes(name));
  await Promise.all([
    cluster.kubectl(['taint', 'nodes', ...others, `${ONLY}=nobody:NoSchedule`]),
    ...homes.map((node) => cluster.kubectl(['taint', 'nodes', node, `${ONLY}=${node}:NoSchedule`])),
  ]);
  const input = apps.flatMap((app) => objectsOf(app).map((one) => JSON.stringify(one))).join('\n---\n');
  await cluster.kubectl(['apply', '-f', '-'], { input });
  await untilReady();
  await cluster.kubectl(['taint', 'nodes', ...others, `${ONLY}:NoSchedule-`]);
}

interface Spec {
  readonly template: { readonly spec: object };
  readonly volumeClaims: readonly object[];
}

function objectsOf({ namespace, node, pool = 'data' }: HomedApp): readonly object[] {
  const app = faultApp(namespace, 1) as { readonly spec: Spec };
  const { template, volumeClaims } = app.spec;
  const tolerations = [{ key: ONLY, operator: 'Equal', value: node, effect: 'NoSchedule' }];
  const spec = {
    ...app.spec,
    recovery: QUICK,
    volumeClaims: volumeClaims.map((claim) => ({ ...claim, pool })),
    template: { spec: { ...template.spec, tolerations } },
  };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { ...app, spec },
  ];
}
