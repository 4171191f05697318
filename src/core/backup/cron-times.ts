import type { Cron } from './cron.ts';

const MINUTE = 60;
const DAY = 86_400;

/** The longest way from one 29 February to the next is eight years (1896 to 1904, 2096 to 2104). */
const LONGEST_DAYS = 9 * 366;

/** The first time after `afterSeconds`, in epoch seconds; undefined: never, as for the 31st of February. */
export function nextTime(cron: Cron, afterSeconds: number): number | undefined {
  const first = Math.floor(afterSeconds / DAY);
  for (let day = first; day <= first + LONGEST_DAYS; day += 1) {
    const found = timesOf(cron, day).find((time) => time > afterSeconds);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The last time that is not after `atSeconds` and is after `sinceSeconds`, in epoch seconds; undefined: there was none. */
export function lastTime(cron: Cron, atSeconds: number, sinceSeconds: number): number | undefined {
  const last = Math.floor(atSeconds / DAY);
  const earliest = Math.max(Math.floor(sinceSeconds / DAY), last - LONGEST_DAYS);
  for (let day = last; day >= earliest; day -= 1) {
    const found = timesOf(cron, day).findLast((time) => time <= atSeconds);
    if (found !== undefined) return found > sinceSeconds ? found : undefined;
  }
  return undefined;
}

/** The times of one day since the epoch, in order. */
function timesOf(cron: Cron, day: number): readonly number[] {
  if (!cron.isDue(new Date(day * DAY * 1000))) return [];
  return cron.hours.flatMap((hour) => cron.minutes.map((minute) => day * DAY + (hour * 60 + minute) * MINUTE));
}
