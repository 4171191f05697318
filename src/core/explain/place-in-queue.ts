import { type Decided, appKey } from './decide-all.ts';

/** Who is served before an app, and by what right. */
export interface PlaceInQueue {
  /** From 1; apps of one gang stand together. */
  readonly position: number;
  readonly of: number;
  readonly framework: string;
  /** Weighted dominant share of its framework when its turn comes. */
  readonly share: number;
  /** Those before it, in their order, each with the share of its framework at its turn. */
  readonly ahead: readonly { readonly app: string; readonly framework: string; readonly share: number }[];
}

/** Where an app stands among those that wait; undefined: it does not wait, or its framework has no turn. */
export function placeInQueue(uid: string, { places }: Decided): PlaceInQueue | undefined {
  const own = places.get(uid);
  if (own === undefined) return undefined;
  const ahead = [...places.values()]
    .filter(({ position }) => position < own.position)
    .toSorted((a, b) => a.position - b.position);
  return {
    position: own.position,
    of: own.waiting,
    framework: own.framework,
    share: own.share,
    ahead: ahead.map(({ app, framework, share }) => ({ app: appKey(app), framework, share })),
  };
}
