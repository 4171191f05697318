import { API_VERSION } from '../../../api/group.ts';
import { isFinished } from '../../operations/running-operation.ts';
import { type BrokenMember, type Remedy, isFailed, remedyFor } from '../../recovery/rebuild-policy.ts';
import { ownedLabels } from '../build/owned-metadata.ts';
import type { Action } from '../plan.ts';
import { isReady } from '../readiness.ts';
import { parseTime } from '../rfc3339.ts';
import type { Member, Situation } from '../situation.ts';
import { type Answer, DONE, type Operation, type Step } from './step.ts';

/**
 * Members that their volumes keep from working: restarted, then rebuilt, as their app's recovery policy says, by AppOperations that anybody
 * can see, pause and call off. A member that works is left alone, whatever is said of its volumes: slow is not dead.
 */
export const volumeTrouble: Step = {
  name: 'volume-trouble',
  run: ({ situation }) => {
    const broken = situation.app.spec.suspend
      ? []
      : situation.members.flatMap((member) => brokenMember(member, situation));
    if (broken.length === 0) return DONE;
    const remedies = broken.map((item) => ({ item, remedy: remedyFor(item, factsFor(item, situation)) }));
    const isBusy = (situation.facts.operations ?? []).some((operation) => !isFinished(operation));
    const [order] = isBusy ? [] : remedies.filter(({ remedy }) => remedy.kind === 'order');
    const actions = order?.remedy.kind === 'order' ? [create(order.item, order.remedy, situation)] : [];
    const times = remedies.flatMap(({ remedy }) => (remedy.kind === 'wait' ? (remedy.atSeconds ?? []) : []));
    return answer(actions, operationOf(remedies, situation), times);
  },
};

function answer(actions: readonly Action[], operation: Operation, times: readonly number[]): Answer {
  const wake = times.length === 0 ? {} : { wakeAtSeconds: Math.min(...times) };
  return actions.length > 0 ? { state: 'do', actions, operation, ...wake } : { state: 'waiting', operation, ...wake };
}

/** One that is not ready, whose volume failed, and whose node nobody suspects; one that is being rebuilt has its remedy. */
function brokenMember(member: Member, situation: Situation): readonly BrokenMember[] {
  const { name, wanted } = member;
  const volumes = situation.health.get(name) ?? [];
  const [failed] = volumes.filter(isFailed);
  if (failed === undefined || !wanted || isReady(member) || situation.rebuilds.has(name)) return [];
  const judgement = situation.moves.get(name)?.judgement.kind ?? 'well';
  if (judgement !== 'well' && failed.sign !== 'Unreachable') return [];
  return [{ member: name, volumes: volumes.filter(isFailed), sinceSeconds: failingSince(member, situation) }];
}

/** As our last status says; one that was not known to fail fails since now. */
function failingSince({ name }: Member, { app, now }: Situation): number {
  const before = app.status?.members.find((member) => member.name === name)?.volumes ?? [];
  return Math.min(now, ...before.flatMap(({ failingSince: since }) => parseTime(since) ?? []));
}

function factsFor({ member: name }: BrokenMember, situation: Situation) {
  const { app, facts, members, now } = situation;
  const other = members.find((member) => member.wanted && member.name !== name && !isReady(member));
  const breaker = facts.recovery?.breakerProblem;
  return {
    recovery: app.spec.recovery,
    replicas: app.spec.replicas,
    operations: facts.operations ?? [],
    othersProblem: other === undefined ? breaker : `${other.name} is ready`,
    now,
  };
}

function create(item: BrokenMember, order: Extract<Remedy, { kind: 'order' }>, { app }: Situation): Action {
  const { timeoutSeconds, type, name } = order;
  const spec = {
    type,
    app: app.metadata.name,
    members: [item.member],
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
  const metadata = { name, namespace: app.metadata.namespace, labels: ownedLabels(app) };
  return {
    kind: 'create',
    object: { apiVersion: API_VERSION, kind: 'AppOperation', metadata, spec },
    why: whatIsWrong(item).slice(0, 512),
  };
}

function whatIsWrong({ member, volumes }: BrokenMember): string {
  return `${member}: ${volumes.map(({ claim, sign, message }) => `${claim.name} ${sign}: ${message}`).join('; ')}`;
}

function operationOf(
  remedies: readonly { readonly item: BrokenMember; readonly remedy: Remedy }[],
  { app }: Situation,
): Operation {
  const [first] = remedies;
  const told = remedies.map(({ item, remedy }) => {
    const then = remedy.kind === 'wait' ? remedy.message : `AppOperation ${remedy.name} is made`;
    return `${item.member} ${then} (${whatIsWrong(item)})`;
  });
  return {
    type: 'VolumeTrouble',
    progress: `${app.spec.replicas - remedies.length}/${app.spec.replicas}`,
    blockedBy: first?.remedy.kind === 'wait' ? first.remedy.check.slice(0, 128) : '',
    message: told.join('; ').slice(0, 1024),
  };
}
