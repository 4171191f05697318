import { unknownRoom, type NodeRoom } from '../core/admission/admission-world.ts';
import type { FilterAnswer } from '../core/admission/filter-decision.ts';
import type { Victims } from '../core/admission/preempt.ts';
import type { RoomIndex } from './room-index.ts';

// The wire format of k8s.io/kube-scheduler/extender/v1. Its Go types carry no JSON tags: names are capitalised, and what is absent
// arrives as null. The pod inside is ordinary Kubernetes JSON. A shape check by hand, as this is the hot path.

/** What kube-scheduler sends to filter and prioritize. */
export interface ExtenderArgs {
  readonly pod: unknown;
  /** The candidates, in the order given. */
  readonly nodes: readonly NodeRoom[];
}

/** What kube-scheduler sends to preempt, with victims by node name. */
export interface PreemptionArgs {
  readonly pod: unknown;
  readonly candidates: ReadonlyMap<string, Victims>;
}

/** A request that is not what kube-scheduler sends; the message says what is wrong and what to do. */
export class WireError extends Error {}

/**
 * How many nodes a refusal names at most. A node without a message counts as refused just the same; naming 5,000 would cost
 * kube-scheduler's serial cycle more than it tells a person.
 */
export const NAMED_NODES = 1000;

/** Throws WireError. */
export function parseExtenderArgs(body: Buffer, index: RoomIndex): ExtenderArgs {
  return parseQuickly(body, index) ?? parseWhole(body, index);
}

const NODE_NAMES = Buffer.from('"NodeNames":[');

/**
 * What kube-scheduler really sends: the pod first, the names last. Inside the pod the key cannot occur, as quotes within a string
 * are escaped, and no field of a pod has that name. Undefined for anything else.
 */
function parseQuickly(body: Buffer, index: RoomIndex): ExtenderArgs | undefined {
  const key = body.indexOf(NODE_NAMES);
  if (key < 0) return undefined;
  const list = index.resolve(body, key + NODE_NAMES.length);
  if (list === undefined || body.toString('latin1', list.end).trim() !== '}') return undefined;
  try {
    const args: unknown = JSON.parse(`${body.toString('utf8', 0, key)}"NodeNames":null}`);
    return isRecord(args) && isRecord(args['Pod']) ? { pod: args['Pod'], nodes: list.rooms } : undefined;
  } catch {
    return undefined;
  }
}

function parseWhole(body: Buffer, index: RoomIndex): ExtenderArgs {
  const args = parseObject(body);
  const names = args['NodeNames'];
  if (!isStringList(names)) {
    throw new WireError(
      'the request carries no NodeNames: set nodeCacheCapable: true for this extender in the KubeSchedulerConfiguration',
    );
  }
  // Answers write names as they are.
  const odd = names.find((name) => JSON.stringify(name) !== `"${name}"`);
  if (odd !== undefined) throw new WireError(`no node can be named ${JSON.stringify(odd)}`);
  return { pod: podOf(args), nodes: names.map((name) => index.get(name) ?? unknownRoom(name)) };
}

/** Takes both forms of victims: identifiers (nodeCacheCapable) and whole pods. Throws WireError. */
export function parsePreemptionArgs(body: Buffer): PreemptionArgs {
  const args = parseObject(body);
  const byNode = args['NodeNameToMetaVictims'] ?? args['NodeNameToVictims'] ?? {};
  if (!isRecord(byNode)) throw new WireError('NodeNameToMetaVictims is not an object');
  const candidates = Object.entries(byNode).map(([node, victims]) => [node, victimsOf(victims)] as const);
  return { pod: podOf(args), candidates: new Map(candidates) };
}

/** ExtenderFilterResult. `candidates` are those that were asked about; a refusal names them. */
export function filterResult(answer: FilterAnswer, candidates: readonly NodeRoom[]): string {
  if (answer.kind === 'nodes') {
    return `{"Nodes":null,"NodeNames":${JSON.stringify(answer.nodes)},"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":""}`;
  }
  const named = candidates.length > NAMED_NODES ? candidates.slice(0, NAMED_NODES) : candidates;
  const message = JSON.stringify(answer.message);
  const failed = named.length === 0 ? '' : `"${namesOf(named).join(`":${message},"`)}":${message}`;
  return `{"Nodes":null,"NodeNames":[],"FailedNodes":null,"FailedAndUnresolvableNodes":{${failed}},"Error":""}`;
}

/** ExtenderFilterResult for what is a mistake and not a "no": kube-scheduler shows the text in the pod's events. */
export function filterError(message: string): string {
  return `{"Nodes":null,"NodeNames":null,"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":${JSON.stringify(message)}}`;
}

/** HostPriorityList: a bare array with one score per node. */
export function hostPriorityList(nodes: readonly NodeRoom[], scores: readonly number[]): string {
  let list = '';
  for (let index = 0; index < nodes.length; index += 1) {
    list += `${index === 0 ? '' : ','}{"Host":"${nodes[index]?.name ?? ''}","Score":${scores[index] ?? 0}}`;
  }
  return `[${list}]`;
}

function namesOf(nodes: readonly NodeRoom[]): readonly string[] {
  return nodes.map(({ name }) => name);
}

/** ExtenderPreemptionResult: always identifiers, whichever form was asked. */
export function preemptionResult(kept: ReadonlyMap<string, Victims>): string {
  const byNode = [...kept].map(([node, { podUids, pdbViolations }]) => [
    node,
    { Pods: podUids.map((UID) => ({ UID })), NumPDBViolations: pdbViolations },
  ]);
  return JSON.stringify({ NodeNameToMetaVictims: Object.fromEntries(byNode) });
}

function parseObject(body: Buffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new WireError(`the request is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isRecord(parsed)) throw new WireError('the request is not a JSON object');
  return parsed;
}

function podOf(args: Record<string, unknown>): unknown {
  if (!isRecord(args['Pod'])) throw new WireError('the request carries no Pod');
  return args['Pod'];
}

function victimsOf(raw: unknown): Victims {
  const victims = isRecord(raw) ? raw : {};
  const pods = Array.isArray(victims['Pods']) ? victims['Pods'] : [];
  const violations = victims['NumPDBViolations'];
  return { podUids: pods.map(uidOf), pdbViolations: typeof violations === 'number' ? violations : 0 };
}

/** The UID of a MetaPod (`UID`) or of a whole pod (`metadata.uid`). */
function uidOf(raw: unknown): string {
  const metadata = isRecord(raw) ? raw['metadata'] : undefined;
  const uid =
    isRecord(raw) && typeof raw['UID'] === 'string' ? raw['UID'] : isRecord(metadata) ? metadata['uid'] : undefined;
  if (typeof uid !== 'string') throw new WireError('a victim carries no UID');
  return uid;
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
