import type { Disaster } from './disaster.ts';

/** Slow is not dead: every volume of the node stands still for 2 s at a time, and calls to the array take 3 s. */
export const arrayRebuild: Disaster = {
  title: 'the array rebuilds: volumes are degraded and slow; slow is not dead, and nothing may move',
  expects: 'nothing',
  seconds: 75,
  async strike({ array, timeline, volumes }) {
    timeline.begin(
      'the array lost a disk and rebuilds: volumes are degraded and stand still for 2 s at a time, calls take 3 s',
    );
    for (const volume of volumes) {
      await array.inject({ kind: 'degraded', volume });
      await array.inject({ kind: 'slowDisk', volume, stallMilliseconds: 2000, runMilliseconds: 200 });
    }
    await array.inject({ kind: 'slowCalls', milliseconds: 3000 });
  },
  async mend({ array, timeline }) {
    timeline.add('disaster', 'the array has rebuilt');
    await array.heal();
  },
};
