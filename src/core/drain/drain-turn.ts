import { ifOurs } from '../app/ownership.ts';
import { readNumber } from '../app/read-field.ts';
import { isReady, provenAt } from '../app/readiness.ts';
import type { Member, Situation } from '../app/situation.ts';
import type { Wait } from '../operations/operation-type.ts';
import { slotElsewhere } from '../operations/slot-on-the-move.ts';
import { budgetLag } from './budget-lag.ts';

/** Members whose pods may go now, and what the next one waits for. */
export interface DrainTurn {
  readonly go: readonly Member[];
  readonly wait?: Wait;
}

/**
 * Who goes now of those that have their place elsewhere. One at a time, and only while all others are ready and have been for
 * `update.minReadySeconds`; one that is not ready may go at once, since nothing is lost by it. Where the machine goes away within minutes,
 * as many as the app may miss at once go together, from one node only.
 */
export function drainTurn(situation: Situation): DrainTurn {
  const found = situation.members.filter((member) => hasPlace(member, situation)).toReversed();
  const urgent = found.filter((member) => isUrgent(member, situation));
  const [first] = [...urgent, ...found.filter((member) => !isReady(member)), ...found];
  if (first === undefined) return { go: [] };
  const wait = holdsAll(situation);
  if (wait !== undefined) return { go: [], wait };
  if (!isReady(first)) return { go: [first] };
  // One that never had a pod serves nobody yet; a disruption budget counts those that the StatefulSet has.
  const wanted = situation.members.filter((member) => member.wanted && member.ordinal < situation.livePods);
  const missing = wanted.filter((member) => !isReady(member));
  const free = mayMiss(situation) - missing.length;
  if (urgent.length > 0 && free > 0) {
    const together = urgent.filter((member) => isReady(member) && member.pod?.nodeName === first.pod?.nodeName);
    return { go: together.slice(0, free) };
  }
  const held = budgetProblem(situation, missing) ?? othersProblem(first, wanted, situation);
  return held === undefined ? { go: [first] } : { go: [], wait: held };
}

/** How many members may be down at once, by the app's own word. An app of one replica has nobody else who could serve. */
export function mayMiss({ app }: Pick<Situation, 'app'>): number {
  const { replicas, availability, update } = app.spec;
  const { minAvailable, podDisruptionBudget } = availability;
  if (replicas < 2 || podDisruptionBudget === 'None' || minAvailable === undefined) return update.maxUnavailable;
  return Math.max(0, replicas - minAvailable);
}

function hasPlace(member: Member, situation: Situation): boolean {
  const order = situation.drain?.orders.get(member.name);
  return order !== undefined && member.pod?.deleting === false && slotElsewhere(member, order, situation) !== undefined;
}

function isUrgent({ name }: Member, { drain }: Situation): boolean {
  return drain?.leaving.some((item) => item.name === name && item.mark.isUrgent) === true;
}

/** Nobody makes the next pod just now. */
function holdsAll({ statefulSet, replacement }: Situation): Wait | undefined {
  if (statefulSet !== undefined && replacement === undefined) return undefined;
  return { check: 'StatefulSet', message: 'waits for the StatefulSet to be there' };
}

function budgetProblem(situation: Situation, missing: readonly Member[]): Wait | undefined {
  const { app, facts } = situation;
  if (mayMiss(situation) === 0) {
    const { minAvailable } = app.spec.availability;
    const message = `spec.availability.minAvailable is ${minAvailable} of ${app.spec.replicas} members, so none may go: lower it, or delete the pods yourself`;
    return { check: 'MinAvailable', message };
  }
  const allowed = readNumber(ifOurs(app, facts.podDisruptionBudget), 'status', 'disruptionsAllowed');
  if (allowed !== 0 || missing.length > 0) return undefined;
  const lag = budgetLag(situation);
  if (lag !== undefined) return lag;
  const message = `the PodDisruptionBudget ${app.metadata.name} allows no disruption now (status.disruptionsAllowed is 0)`;
  return { check: 'PodDisruptionBudget', message };
}

function othersProblem({ name }: Member, wanted: readonly Member[], situation: Situation): Wait | undefined {
  const { now, app } = situation;
  for (const member of wanted) {
    if (member.name === name) continue;
    const at = provenAt(member, situation);
    if (at === undefined) return { check: 'MemberReady', message: `waits for ${member.name} to be ready` };
    if (at <= now) continue;
    const message = `waits for ${member.name} to be ready for ${app.spec.update.minReadySeconds} s`;
    return { check: 'MinReadySeconds', message, atSeconds: at };
  }
  return undefined;
}
