import type { Disaster } from './disaster.ts';

/** The file system turns read-only, as it does after an I/O error: a new mount of the same volume works. */
export const diskReadonly: Disaster = {
  title: 'the volume of a member turns read-only under it; a restart with a new mount helps',
  expects: 'restart',
  // As long as the restart has to help; a big program is not back at once.
  recovery: { volumeFailure: { policy: 'Rebuild', rebuildAfterSeconds: 120 } },
  seconds: 120,
  async strike({ array, timeline, volumes, member }) {
    timeline.begin(`the volume of ${member} turns read-only`);
    for (const volume of volumes) await array.inject({ kind: 'readOnly', volume });
    // The cause is over at once; the broken mount stays until a new pod gets another one.
    await array.heal('readOnly');
  },
  async mend({ timeline }) {
    timeline.add('disaster', 'the array has had nothing to mend: only the old mount is broken');
  },
};
