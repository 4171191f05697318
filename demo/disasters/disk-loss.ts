import type { Disaster } from './disaster.ts';

/** The array lost the volume: reads and writes fail, and it cannot be attached again. */
export const diskLoss: Disaster = {
  title: 'the array loses the volume of a member: Restart, then Rebuild on a new one by policy',
  expects: 'rebuild',
  recovery: { volumeFailure: { policy: 'Rebuild', rebuildAfterSeconds: 10 } },
  seconds: 120,
  async strike({ array, timeline, volumes, member }) {
    timeline.begin(`the array loses the volume of ${member}`);
    for (const volume of volumes) await array.inject({ kind: 'lost', volume });
  },
  async mend({ array, timeline }) {
    timeline.add('disaster', 'the lost volume was restored by the storage team');
    await array.heal();
  },
};
