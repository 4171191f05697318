import { LONG_STAYS, SHORT_STAYS } from '../../test/support/fair-day-kinds.ts';
import { simulateDay } from '../../test/support/fair-day.ts';
import type { DayOutcome } from '../../test/support/fair-share-watch.ts';
import { type BenchResult, figure } from '../figure.ts';

const DAY_SECONDS = 86_400;
const ARRIVALS = 10_000;
const SEED = 1;

/** For how long a framework that waits may be more than 5 % below its fair share, simulated seconds. */
const ALLOWED_SECONDS = 60;

/**
 * Two simulated days of 10,000 arrivals: apps of five frameworks in a tree that are busy at different hours. After each turn, every 5 s, shares
 * are held against weighted max-min over the tree.
 *
 * Short stays: weights, a limit, a guarantee that is lent by half; 20 to 170 members each, which leave after 10 to 60 s. Nobody is evicted: a
 * framework that was idle gets its share from what others leave, and since nobody stays for longer than a minute, who waits for longer was
 * passed over. Long stays: members stay for half an hour to two hours, so nothing is left soon enough; everybody is guaranteed its weight's part, lends
 * all of it, and is revocable, so what was lent comes back by reclaim.
 */
export function benchFairness(): BenchResult {
  const asked = { arrivals: ARRIVALS, seconds: DAY_SECONDS, seed: SEED };
  const day = simulateDay({ ...asked, kind: SHORT_STAYS });
  const long = simulateDay({ ...asked, kind: LONG_STAYS });
  return {
    figures: [
      figure('fairness', 'longest_below_fair_share_s', day.longestSeconds, 's', ALLOWED_SECONDS),
      figure('fairness', 'mean_shortfall_percent', 100 * day.meanShortfall, '%', 5),
      figure('fairness', 'longest_below_fair_share_long_stays_s', long.longestSeconds, 's', ALLOWED_SECONDS),
    ],
    columns: ['stays', 'framework', 'waited s', 'more than 5 % below s', 'part'],
    rows: [...rowsOf('10 to 60 s', day), ...rowsOf('0.5 to 2 h', long)],
    notes: [
      'Members that stay for 10 to 60 s, nobody evicted:',
      ...notesOf(day),
      `Members that stay for half an hour to two hours, ${long.membersReclaimed} of them reclaimed:`,
      ...notesOf(long),
      `Baselines are what is allowed: ${ALLOWED_SECONDS} s, and 5 %.`,
    ],
  };
}

function rowsOf(stays: string, { byFramework }: DayOutcome): readonly (readonly string[])[] {
  return Object.entries(byFramework).map(([name, { waited, below }]) => [
    stays,
    name,
    String(waited),
    String(below),
    `${((100 * below) / Math.max(1, waited)).toFixed(1)} %`,
  ]);
}

function notesOf(day: DayOutcome): readonly string[] {
  return [
    `${day.arrivals} apps and ${day.membersPlaced} members in a simulated day; somebody waited in ${percent(day.contended)} of the turns.`,
    `The longest time that a waiting framework was more than 5 % below its fair share: ${day.longestSeconds} s (${day.longestOf}).`,
    `Mean shortfall of those that waited: ${percent(day.meanShortfall)} of the cluster; the worst: ${percent(day.worstShortfall)}, right after an idle framework came back.`,
  ];
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}
