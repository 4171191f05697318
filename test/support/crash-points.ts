import type { SeenWrite } from './killing-proxy.ts';

/**
 * Numbers of the writes, from 1, at which it is worth dying. Of one status after another the first and the last will do: between them nothing
 * changed that the next run would not tell again.
 */
export function pointsOf(writes: readonly Pick<SeenWrite, 'path'>[]): readonly number[] {
  const isStatus = (at: number): boolean => writes[at]?.path.includes('/status') === true;
  return writes.flatMap((_, index) => ([index - 1, index, index + 1].every(isStatus) ? [] : [index + 1]));
}
