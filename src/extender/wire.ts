import type { Candidates } from '../core/admission/candidates.ts';
import type { FilterAnswer } from '../core/admission/filter-decision.ts';
import type { Victims } from '../core/admission/preempt.ts';
import { MOST, type Scores } from '../core/admission/prioritize.ts';
import { ListedCandidates } from './listed-candidates.ts';
import type { RoomIndex } from './room-index.ts';
import { WireError } from './wire-error.ts';

// The wire format of k8s.io/kube-scheduler/extender/v1. Its Go types carry no JSON tags: names are capitalised, and what is absent
// arrives as null. The pod inside is ordinary Kubernetes JSON. A shape check by hand, as this is the hot path.

/** What kube-scheduler sends to filter and prioritize. */
export interface ExtenderArgs {
  readonly pod: unknown;
  readonly candidates: Candidates;
}

/** What kube-scheduler sends to preempt, with victims by node name. */
export interface PreemptionArgs {
  readonly pod: unknown;
  readonly candidates: ReadonlyMap<string, Victims>;
}

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
 * What kube-scheduler really sends: the pod first, the names last, which are left as they are until somebody looks at them. Inside
 * the pod the key cannot occur, as quotes within a string are escaped, and no field of a pod has that name. Undefined for anything else.
 */
function parseQuickly(body: Buffer, index: RoomIndex): ExtenderArgs | undefined {
  const key = body.indexOf(NODE_NAMES);
  const open = key + NODE_NAMES.length - 1;
  const close = body.indexOf(']', open);
  const isPlain = key >= 0 && close >= 0 && !body.includes('\\', open);
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
  candidates.names();
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

/** ExtenderFilterResult. `candidates` are those that were asked about; a refusal names them. */
export function filterResult(answer: FilterAnswer, candidates: Pick<Candidates, 'names'>): string {
  if (answer.kind === 'nodes') {
    return `{"Nodes":null,"NodeNames":${JSON.stringify(answer.nodes)},"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":""}`;
  }
  const named = candidates.names().slice(0, NAMED_NODES);
  const message = JSON.stringify(answer.message);
  const failed = named.length === 0 ? '' : `"${named.join(`":${message},"`)}":${message}`;
  return `{"Nodes":null,"NodeNames":[],"FailedNodes":null,"FailedAndUnresolvableNodes":{${failed}},"Error":""}`;
}

/** ExtenderFilterResult for what is a mistake and not a "no": kube-scheduler shows the text in the pod's events. */
export function filterError(message: string): string {
  return `{"Nodes":null,"NodeNames":null,"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":${JSON.stringify(message)}}`;
}

/**
 * HostPriorityList: a bare array with one score per name. Names of one score come together, as the order says nothing and joining is
 * the cheapest way to write thousands of them.
 */
export function hostPriorityList({ names, scores }: Scores): string {
  const byScore = Array.from({ length: MOST + 1 }, (): string[] => []);
  for (let index = 0; index < names.length; index += 1) byScore[scores[index] ?? 0]?.push(names[index] ?? '');
  const groups = byScore.flatMap((group, score) => {
    return group.length === 0 ? [] : [`{"Host":"${group.join(`","Score":${score}},{"Host":"`)}","Score":${score}}`];
  });
  return `[${groups.join(',')}]`;
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
