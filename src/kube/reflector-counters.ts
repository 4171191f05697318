/** What a reflector counts since it was made; every figure only grows. */
export interface ReflectorCounters {
  /** Complete lists; all but the first are relists. */
  lists: number;
  watches: number;
  events: number;
  bookmarks: number;
  /** Failed lists and watches, for whatever reason. */
  errors: number;
  /** Resource versions that the server no longer knew. */
  expired: number;
  /** Watches given up because nothing arrived. */
  silent: number;
  unparsableLines: number;
  /** Objects that the projection refused or that have no name: they keep their last good state. */
  projectionErrors: number;
}

export const noReflectorCounts = (): ReflectorCounters => ({
  lists: 0,
  watches: 0,
  events: 0,
  bookmarks: 0,
  errors: 0,
  expired: 0,
  silent: 0,
  unparsableLines: 0,
  projectionErrors: 0,
});
