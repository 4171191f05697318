// The operator is killed with SIGKILL at every write that it makes, when the write was committed and before the reply: the world has moved, and
// the operator does not know. What the API server has then is what it would have if the next write had not arrived, so that this is one death
// for both; and of statuses that follow each other, the first and the last stand for all. Started again, the operator must come to the same state as a run that nobody disturbed, and lose or double nothing on the way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFaultBench, type FaultBench } from './fault-bench.ts';
import type { Story } from './fault-story.ts';

const TIMEOUT_MILLIS = 600_000;

/** Plays each story with a kill at each of its writes. `snapshots`: whether there is somebody who takes them. */
export function crashAtEveryWrite(
  stories: readonly Story[],
  { snapshots = false }: { readonly snapshots?: boolean } = {},
): void {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await startFaultBench(snapshots);
  }, TIMEOUT_MILLIS);

  afterAll(async () => {
    await bench?.close();
  }, 60_000);

  describe('the operator, killed at every write', () => {
    test.each(stories)(
      '%s: the end is the same, every volume is where it should be, and no rule of safety is broken',
      async (story) => {
        const reference = await bench.undisturbed(story);
        expect(reference.points).not.toEqual([]);
        const survived = await bench.killAtEveryWrite(story, reference);
        const seen = survived.map(({ at, hit }) => `${at}: ${hit ?? 'the story had fewer writes this time'}`);
        process.stderr.write(`${story}: a death at ${reference.points.length} writes\n  ${seen.join('\n  ')}\n`);
        for (const { at, shape, wrongVolumes } of survived) {
          expect({ at, shape, wrongVolumes }).toEqual({ at, shape: reference.shape, wrongVolumes: [] });
        }
        expect(await bench.changedSince()).toEqual([]);
        expect(bench.violations()).toEqual([]);
      },
      TIMEOUT_MILLIS,
    );
  });
}
