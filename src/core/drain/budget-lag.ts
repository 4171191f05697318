import { parseTime } from '../app/rfc3339.ts';
import type { Situation } from '../app/situation.ts';
import type { Wait } from '../operations/operation-type.ts';

/**
 * Within which the disruption controller counts a pod that became ready, or one that is gone. It takes a second or two; the rest is for
 * a control plane under load.
 */
export const BUDGET_LAG_SECONDS = 15;

/**
 * Whether a disruption budget that allows nothing, while all members are ready, most likely only tells of what we did ourselves: the eviction
 * that it allowed lowers it before the pod is marked, and the member that moved is counted after it is ready. That passes by
 * itself, and nobody needs to hear of it.
 */
export function budgetLag({ app, members, now }: Pick<Situation, 'app' | 'members' | 'now'>): Wait | undefined {
  const { lastDrain } = app.status ?? {};
  const begunAt = lastDrain?.readyAt === undefined ? parseTime(lastDrain?.begunAt) : undefined;
  const news = [
    ...(lastDrain === undefined || begunAt === undefined ? [] : [{ name: lastDrain.member, at: begunAt }]),
    ...members.map(({ name, pod }) => ({ name, at: pod?.readySinceSeconds ?? 0 })),
  ];
  const [last] = news.toSorted((a, b) => b.at - a.at);
  if (last === undefined || now >= last.at + BUDGET_LAG_SECONDS) return undefined;
  const message = `waits for the PodDisruptionBudget ${app.metadata.name} to count ${last.name}, which goes or has just come`;
  return { check: 'MemberReady', message, atSeconds: last.at + BUDGET_LAG_SECONDS };
}
