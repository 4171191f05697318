import type { ClusterOptions, TestCluster } from '../test/cluster/test-cluster.ts';
import type { DemoOptions } from './options.ts';
import type { Screen } from './screen.ts';

/** What a story leaves: one summary for programs, and whether all went as told. */
export interface Told {
  readonly summary: object;
  readonly ok: boolean;
  /** Ends what runs beside the cluster; absent: Proffer runs in it. */
  readonly stop?: () => Promise<void>;
}

/** What is played on a cluster. */
export interface Story {
  /** The cluster it plays on; making what that needs may take a while, and tells so. */
  readonly needs: (onProgress: (line: string) => void) => Promise<ClusterOptions>;
  readonly play: (options: DemoOptions, cluster: TestCluster, screen: Screen) => Promise<Told>;
}
