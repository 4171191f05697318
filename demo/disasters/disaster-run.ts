import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { ArrayControl } from '../../test/cluster/array/array-control.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import type { Screen } from '../screen.ts';
import type { Disaster } from './disaster.ts';
import type { Hit } from './victim.ts';
import type { Workload } from './workload.ts';

/** What is played, and on what. */
export interface DisasterRun {
  readonly cluster: TestCluster;
  readonly client: KubeClient;
  readonly array: ArrayControl;
  readonly screen: Screen;
  readonly name: string;
  readonly disaster: Disaster;
  readonly workload: Workload;
  /** Whether a plain StatefulSet runs beside it, and how long after the loss it is watched. */
  readonly plainSeconds: number | undefined;
  readonly hit: Hit;
  /** Where Proffer is installed. */
  readonly release: string;
}
