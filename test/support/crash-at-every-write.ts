// The operator is killed with SIGKILL at every write that it makes, once before the write arrives and once after it was committed and before
// the reply; started again, it must come to the same state as a run that nobody disturbed, and lose or double nothing on the way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFaultBench, type FaultBench, type Story } from './fault-bench.ts';
import type { Fault } from './killing-proxy.ts';

const TIMEOUT_MILLIS = 900_000;

/** Plays each story with a kill at each of its writes in turn. `killAfter` is the harder fault: the world has moved, and the operator does not know. */
export function crashAtEveryWrite(stories: ReadonlyArray<readonly [story: Story, fault: Fault]>): void {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await startFaultBench();
  }, TIMEOUT_MILLIS);

  afterAll(async () => {
    await bench?.close();
  }, 60_000);

  describe('the operator, killed at every write', () => {
    test.each(stories)(
      '%s, %s: the end is the same, every claim and volume is kept, and no rule of safety is broken',
      async (story, fault) => {
        const reference = await bench.play(story, undefined);
        const seen: string[] = [];
        for (let at = 1; at <= reference.writes; at += 1) {
          const run = await bench.play(story, { at, fault });
          seen.push(`${at}: ${run.hit ?? 'the story had fewer writes this time'}`);
          expect({ at, shape: run.shape }).toEqual({ at, shape: reference.shape });
          expect({ at, kept: run.volumesKept }).toEqual({ at, kept: true });
        }
        process.stderr.write(`${story} ${fault}: ${reference.writes} writes\n  ${seen.join('\n  ')}\n`);
        expect(bench.violations()).toEqual([]);
      },
      TIMEOUT_MILLIS,
    );
  });
}
