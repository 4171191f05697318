import { type DayOutcome, simulateDay } from '../../test/support/fair-day.ts';
import { type BenchResult, figure } from '../figure.ts';

const DAY_SECONDS = 86_400;
const ARRIVALS = 10_000;
const SEED = 1;

/** For how long a framework that waits may be more than 5 % below its fair share, simulated seconds. */
const ALLOWED_SECONDS = 60;

/**
 * A simulated day of 10,000 arrivals: apps of five frameworks in a tree (weights, a limit, a guarantee that is lent by half) that are busy
 * at different hours; 20 to 170 members each, which leave after 10 to 60 s. Nobody is evicted: a framework that was idle gets its
 * share from what others leave, and since nobody stays for longer than a minute, who waits for longer was passed over. After each turn, every 5 s, shares are held against weighted max-min over the tree.
 */
export function benchFairness(): BenchResult {
  const day = simulateDay({ arrivals: ARRIVALS, seconds: DAY_SECONDS, seed: SEED });
  return {
    figures: [
      figure('fairness', 'longest_below_fair_share_s', day.longestSeconds, 's', ALLOWED_SECONDS),
      figure('fairness', 'mean_shortfall_percent', 100 * day.meanShortfall, '%', 5),
    ],
    columns: ['framework', 'waited s', 'more than 5 % below s', 'part'],
    rows: Object.entries(day.byFramework).map(([name, { waited, below }]) => [
      name,
      String(waited),
      String(below),
      `${((100 * below) / Math.max(1, waited)).toFixed(1)} %`,
    ]),
    notes: notesOf(day),
  };
}

function notesOf(day: DayOutcome): readonly string[] {
  return [
    `${day.arrivals} apps and ${day.membersPlaced} members in a simulated day; somebody waited in ${percent(day.contended)} of the turns.`,
    `The longest time that a waiting framework was more than 5 % below its fair share: ${day.longestSeconds} s (${day.longestOf}).`,
    `Mean shortfall of those that waited: ${percent(day.meanShortfall)} of the cluster; the worst: ${percent(day.worstShortfall)}, right after an idle framework came back.`,
    `Baselines are what is allowed: ${ALLOWED_SECONDS} s, and 5 %.`,
  ];
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}
