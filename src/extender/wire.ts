import type { FilterAnswer } from '../core/admission/filter-decision.ts';
import type { Victims } from '../core/admission/preempt.ts';
import type { Scores } from '../core/admission/prioritize.ts';
import type { BufferPool } from './buffer-pool.ts';
import { elementOf } from './host-elements.ts';
import { ListedCandidates } from './listed-candidates.ts';
import type { RoomIndex } from './room-index.ts';
import { WireError } from './wire-error.ts';

// The wire format of k8s.io/kube-scheduler/extender/v1. Its Go types carry no JSON tags: names are capitalised, and what is absent
// arrives as null. The pod inside is ordinary Kubernetes JSON. A shape check by hand, as this is the hot path.

/** What kube-scheduler sends to filter and prioritize. */
export interface ExtenderArgs {
  readonly pod: unknown;
  readonly candidates: ListedCandidates;
}

/** What kube-scheduler sends to preempt, with victims by node name. */
export interface PreemptionArgs {
  readonly pod: unknown;
  readonly candidates: ReadonlyMap<string, Victims>;
}

/**
 * How many nodes a refusal names at most. To kube-scheduler a node in none of the lists is refused and no place for preemption, just as
 * one with a message (its NodeToStatus: UnschedulableAndUnresolvable where nothing was said), and the pod's message counts equal reasons
 * instead of naming nodes. So 5,000 names would tell a person nothing more, and cost the serial cycle half a millisecond on both sides.
 */
export const NAMED_NODES = 100;

/** Throws WireError. */
export function parseExtenderArgs(body: Buffer, index: RoomIndex): ExtenderArgs {
  return parseQuickly(body, index) ?? parseWhole(body, index);
}

const NODE_NAMES = Buffer.from('"NodeNames":[');
const CLOSING_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

/**
 * What kube-scheduler really sends: the pod first, the names last, which are left as they are until somebody looks at them. Inside
 * the pod the key cannot occur, as quotes within a string are escaped, and no field of a pod has that name. Undefined for anything else.
 */
function parseQuickly(body: Buffer, index: RoomIndex): ExtenderArgs | undefined {
  const key = body.indexOf(NODE_NAMES);
  const open = key + NODE_NAMES.length - 1;
  const close = body.indexOf(CLOSING_BRACKET, open);
  const isPlain = key >= 0 && close >= 0 && !body.includes(BACKSLASH, open);
  if (!isPlain || body.toString('latin1', close + 1).trim() !== '}') return undefined;
  try {
    const args: unknown = JSON.parse(`${body.toString('utf8', 0, key)}"NodeNames":null}`);
    if (!isRecord(args) || !isRecord(args['Pod'])) return undefined;
    return { pod: args['Pod'], candidates: new ListedCandidates(body.subarray(open, close + 1), index) };
  } catch {
    return undefined;
  }
}

function parseWhole(body: Buffer, index: RoomIndex): ExtenderArgs {
  const args = parseObject(body);
  const names = args['NodeNames'];
  if (!Array.isArray(names)) {
    throw new WireError(
      'the request carries no NodeNames: set nodeCacheCapable: true for this extender in the KubeSchedulerConfiguration',
    );
  }
  const candidates = new ListedCandidates(Buffer.from(JSON.stringify(names)), index);
  // What is no list of names shows here, and not while we answer.
  candidates.entries();
  return { pod: podOf(args), candidates };
}

/** Takes both forms of victims: identifiers (nodeCacheCapable) and whole pods. Throws WireError. */
export function parsePreemptionArgs(body: Buffer): PreemptionArgs {
  const args = parseObject(body);
  const byNode = args['NodeNameToMetaVictims'] ?? args['NodeNameToVictims'] ?? {};
  if (!isRecord(byNode)) throw new WireError('NodeNameToMetaVictims is not an object');
  const candidates = Object.entries(byNode).map(([node, victims]) => [node, victimsOf(victims)] as const);
  return { pod: podOf(args), candidates: new Map(candidates) };
}

/** ExtenderFilterResult. `candidates` are those that were asked about; a refusal names them. Throws WireError. */
export function filterResult(answer: FilterAnswer, candidates: ListedCandidates, pool: BufferPool): Buffer {
  return answer.kind === 'nodes'
    ? Buffer.from(
        `{"Nodes":null,"NodeNames":${JSON.stringify(answer.nodes)},"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":""}`,
      )
    : refusal(answer.message, candidates, pool);
}

const BEFORE_FAILED = '{"Nodes":null,"NodeNames":[],"FailedNodes":null,"FailedAndUnresolvableNodes":{';
const AFTER_FAILED = '},"Error":""}';

/** The same message for each node, name by name as bytes. It says how many nodes it is not counted for. */
function refusal(message: string, candidates: ListedCandidates, pool: BufferPool): Buffer {
  const named = Math.min(NAMED_NODES, candidates.count);
  const unnamed = candidates.count - named;
  const text = unnamed === 0 ? message : `${message}; the same on ${unnamed} nodes more`;
  const afterName = Buffer.from(`":${JSON.stringify(text)},"`);
  const most = BEFORE_FAILED.length + candidates.byteLength + named * afterName.length + AFTER_FAILED.length + 1;
  const bytes = pool.take(most);
  let at = bytes.write(BEFORE_FAILED);
  if (named > 0) at += bytes.write('"', at);
  for (let position = 0; position < named; position += 1) {
    at = candidates.writeName(position, bytes, at);
    at += afterName.copy(bytes, at);
  }
  // Behind the last one there is a comma and a quote too many.
  if (named > 0) at -= 2;
  return bytes.subarray(0, at + bytes.write(AFTER_FAILED, at));
}

/** ExtenderFilterResult for what is a mistake and not a "no": kube-scheduler shows the text in the pod's events. */
export function filterError(message: string): string {
  return `{"Nodes":null,"NodeNames":null,"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":${JSON.stringify(message)}}`;
}

/** HostPriorityList: a bare array of names with their scores. */
export function hostPriorityList(scores: Scores, candidates: ListedCandidates, pool: BufferPool): Buffer {
  if (scores.kind === 'unheld') return unheldList(scores.positions, candidates, pool);
  return Buffer.from(JSON.stringify(Array.from(scores.scores, ([Host, Score]) => ({ Host, Score }))));
}

/** How many bytes an element has beside its name, and some more. */
const ELEMENT_BYTES = 32;

function unheldList(positions: Int32Array, candidates: ListedCandidates, pool: BufferPool): Buffer {
  if (positions.length === 0) return Buffer.from('[]');
  const entries = candidates.entries();
  const { elements } = candidates.index;
  const bytes = pool.take(candidates.byteLength + positions.length * ELEMENT_BYTES);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let at = 0;
  for (let index = 0; index < positions.length; index += 1) {
    const position = positions[index] ?? 0;
    const entry = entries[position] ?? -1;
    at =
      entry < 0
        ? at + (bytes.write(elementOf(candidates.name(position)), at * 4) >> 2)
        : elements.copy(entry, words, at);
  }
  // In the place of the first comma.
  bytes.write('[');
  return bytes.subarray(0, at * 4 + bytes.write(']', at * 4));
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
