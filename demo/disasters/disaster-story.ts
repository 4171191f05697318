// Installs Proffer, starts the app, lets the disaster strike, and tells how it ended.
import { connect } from '../../src/kube/client.ts';
import { openSearchImage } from '../../test/cluster/images/opensearch-image.ts';
import type { TestCluster } from '../../test/cluster/test-cluster.ts';
import { RELEASE_NAMESPACE, installProffer } from '../install-proffer.ts';
import type { DemoOptions } from '../options.ts';
import type { Screen } from '../screen.ts';
import type { Story, Told } from '../story.ts';
import type { Disaster } from './disaster.ts';
import type { DisasterOptions } from './disaster-options.ts';
import { playDisaster } from './disaster-scenario.ts';
import { type DisasterSummary, isWell } from './disaster-summary.ts';
import { openFilesLibrary, tooFewOpenFiles } from './opensearch/open-files.ts';
import { RecordWorkload } from './record-workload.ts';
import { DISASTERS } from './registry.ts';
import type { Workload, WorkloadOptions } from './workload.ts';

/** The story of one disaster. */
export function disasterStory(disaster: DisasterOptions): Story {
  return {
    needs: async (onProgress) => {
      const imageArchives = disaster.app === 'opensearch' ? [await openSearchImage(onProgress)] : [];
      // What cannot be had is told before a cluster is started for nothing.
      if (disaster.app === 'opensearch' && tooFewOpenFiles() !== undefined) await openFilesLibrary(onProgress);
      // Members of OpenSearch are held apart: the lost one's needs a node of its own.
      const realNodes = nodesOf(DISASTERS[disaster.name]) + (disaster.app === 'opensearch' ? 1 : 0);
      return { realNodes, array: true, fakeNodes: false, imageArchives };
    },
    play: (options, cluster, screen) => play(options, disaster, cluster, screen),
  };
}

const nodesOf = ({ nodes }: Disaster): number => nodes ?? 3;

async function play(
  options: DemoOptions,
  { name, app, plainSeconds, hit }: DisasterOptions,
  cluster: TestCluster,
  screen: Screen,
): Promise<Told> {
  const { array } = cluster;
  if (array === undefined) throw new Error('a disaster needs the test array, which this cluster has not');
  screen.say(`helm install proffer charts/proffer --namespace ${RELEASE_NAMESPACE}`);
  await installProffer(cluster, {}, options.set);
  screen.say('Proffer is installed: operator and scheduler are ready');
  const client = connect({ kubeconfigPath: cluster.kubeconfigPath, userAgent: 'proffer-demo' });
  const disaster = DISASTERS[name];
  try {
    const recovery = 'recovery' in disaster ? disaster.recovery : {};
    const workload = await workloadOf(app, { cluster, screen, compare: plainSeconds !== undefined, recovery });
    const run = {
      cluster,
      client,
      array,
      screen,
      name,
      disaster,
      workload,
      plainSeconds,
      hit,
      release: RELEASE_NAMESPACE,
    };
    const summary = await playDisaster(run);
    tell(summary, screen);
    for (const line of workload.tell?.() ?? []) screen.say(line);
    return { summary, ok: isWell(summary) };
  } finally {
    client.close();
  }
}

async function workloadOf(app: DisasterOptions['app'], options: WorkloadOptions): Promise<Workload> {
  if (app === 'recorder') return new RecordWorkload(options);
  const { OpenSearchWorkload } = await import('./opensearch/opensearch-workload.ts');
  return new OpenSearchWorkload(options);
}

/** The end of the story, for people. */
function tell(summary: DisasterSummary, screen: Screen): void {
  const { member, moves, detectedSeconds, boundSeconds, readySeconds, plain, twoWriters, missing } = summary;
  const { recordsAcknowledged, recordsLost, recordsDoubled, recordsOutOfOrder } = summary;
  if (readySeconds !== null)
    screen.say(
      `${member}: noticed ${detectedSeconds ?? '?'} s, its new pod bound ${boundSeconds} s, Ready ${readySeconds} s after the disaster`,
    );
  else if (summary.expects === 'nothing') screen.say(`Nothing was to move: ${moves} moves`);
  if (missing !== '') screen.say(`Not seen: ${missing}. What Proffer said of it is in the timeline`);
  if (plain !== undefined)
    screen.say(
      plain.readySeconds === null
        ? `A plain StatefulSet beside it: ${plain.pod} never within ${plain.waitedSeconds} s (${plain.state})`
        : `A plain StatefulSet beside it: ${plain.pod} Ready ${plain.readySeconds} s after the disaster`,
    );
  const order = recordsOutOfOrder === null ? '' : `, ${recordsOutOfOrder} out of order`;
  screen.say(
    `Records: ${recordsAcknowledged} acknowledged, ${recordsLost} lost, ${recordsDoubled} doubled${order}; two writers at once: ${twoWriters}`,
  );
}
