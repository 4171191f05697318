import { LABEL_APP } from '../api/labels.ts';
import type { Action } from '../core/app/plan.ts';
import { fencingId, type FencingRequest } from '../core/recovery/fencing-state.ts';
import type { KubeClient } from '../kube/client.ts';
import { systemClock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/events.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { Writer } from '../kube/writer.ts';
import { BY_NODE, type Stores } from './caches.ts';
import { sendFencingRequest } from './fencing-hook-http.ts';
import { FencingHook } from './fencing-hook.ts';
import type { Log } from './log.ts';
import type { OperatorOptions } from './options.ts';
import { RecoveryActions, type RecoveryActionsOptions } from './recovery-actions.ts';
import { CloudWord } from './recovery-cloud-word.ts';
import { RecoveryWatch } from './recovery-watch.ts';

export interface RecoveryParts {
  readonly options: Pick<OperatorOptions, 'nodeTaints' | 'zoneLoss' | 'breakerPercent' | 'fencingHook'>;
  readonly client: KubeClient;
  readonly stores: Stores;
  readonly writer: Writer;
  readonly cached: RecoveryActionsOptions['cached'];
  readonly events: Pick<EventRecorder, 'record'>;
  readonly log: Log;
  /** What is known of a node's loss changed. */
  readonly onNews: (node: string) => void;
}

export interface BuiltRecovery {
  readonly watch: RecoveryWatch;
  readonly actions: RecoveryActions;
}

/** Who listens for lost nodes, who asks others about them, and who takes from them. */
export function buildRecovery(parts: RecoveryParts): BuiltRecovery {
  const { options, client, stores, writer, cached, log, onNews } = parts;
  const hook = buildHook(parts);
  const askFencing =
    hook === undefined
      ? undefined
      : (action: AskFencing) => {
          const request = fencingRequest(action, watch, stores);
          if (request !== undefined) hook.ask(request, watch.machineOf(action.nodeName).bootID);
        };
  const actions = new RecoveryActions(
    { writer, cached, now: epochSeconds, log, askFencing, troubleOf: (name) => watch.troubleOf(name) },
    options.nodeTaints,
  );
  const watch = new RecoveryWatch({
    stores,
    mayTaint: () => actions.mayTaint,
    clock: systemClock,
    zoneLoss: options.zoneLoss,
    breakerPercent: options.breakerPercent,
    hook,
    cloud: new CloudWord({ client, clock: systemClock, log, onNews }),
    onNews,
  });
  return { watch, actions };
}

function epochSeconds(): number {
  return systemClock.epochSeconds();
}

function buildHook({ options, stores, events, log, onNews }: RecoveryParts): FencingHook | undefined {
  const { fencingHook: address } = options;
  if (address === undefined) return undefined;
  return new FencingHook({
    send: (request, signal) => sendFencingRequest(address, request, signal),
    timeoutSeconds: address.timeoutSeconds,
    clock: systemClock,
    log,
    onAnswer: onNews,
    onLie: (name, message) => {
      const uid = stores.nodes.get(name)?.uid ?? '';
      const about = { apiVersion: 'v1', kind: 'Node', name, uid };
      events.record(about, { type: 'Warning', reason: 'FencingHookNotTrusted', message });
    },
  });
}

type AskFencing = Extract<Action, { kind: 'askFencing' }>;

/** Names all members there, not only the one that waits first: the hook cuts off the whole machine. */
function fencingRequest(action: AskFencing, watch: RecoveryWatch, stores: Stores): FencingRequest | undefined {
  const { nodeName: node, member, renewedAt, why: reason } = action;
  const { uid: nodeUID, providerID } = watch.machineOf(node);
  const id = fencingId({ uid: nodeUID, renewedAt });
  if (id === undefined) return undefined;
  const there = stores.pods
    .byIndex(BY_NODE, node)
    .filter(({ labels }) => labels[LABEL_APP] !== undefined)
    .map(({ namespace, name }) => objectKey(namespace, name));
  return { id, node, nodeUID, providerID, members: [...new Set([member, ...there])].toSorted(), reason };
}
