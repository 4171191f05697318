// Plays stories of apps, each app in a namespace of its own, and kills the operator in the middle of them. One kill serves many apps: each is
// stopped at another write, and when all stand still the operator dies, so that it has died at every one of these writes.
import { startFaultCluster } from './fault-cluster.ts';
import { FaultEnds } from './fault-ends.ts';
import { FaultOperator } from './fault-operator.ts';
import { FaultPlayer, type Reference, type Survived } from './fault-player.ts';
import type { Story } from './fault-story.ts';
import type { Violation } from './safety-rules.ts';

export interface FaultBench {
  undisturbed(story: Story): Promise<Reference>;
  /** For each point of the reference an app whose operator died at it. */
  killAtEveryWrite(story: Story, reference: Reference): Promise<readonly Survived[]>;
  /** Namespaces whose app has changed since its story ended, though nobody told it to. */
  changedSince(): Promise<readonly string[]>;
  violations(): readonly Violation[];
  close(): Promise<void>;
}

/** Room for all apps of all stories: none is removed. */
const NODE_CPUS = 64;
/** Each app that is stopped keeps one. */
const MANY_WORKERS = ['--concurrency=64'];

export async function startFaultBench(snapshots: boolean): Promise<FaultBench> {
  const world = await startFaultCluster(NODE_CPUS, { snapshots });
  try {
    const { proxy, kubeconfigPath } = await world.operatorAccess();
    const operator = new FaultOperator(world.cluster, kubeconfigPath, MANY_WORKERS);
    const ends = new FaultEnds(world.client, proxy, operator);
    const player = new FaultPlayer({ ...world, proxy, operator, ends });
    return {
      undisturbed: (story) => player.undisturbed(story),
      killAtEveryWrite: (story, reference) => player.killAtEveryWrite(story, reference),
      changedSince: () => ends.changedSince(),
      violations: () => world.monitor.violations,
      async close() {
        await operator.kill();
        await world.close();
      },
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}
