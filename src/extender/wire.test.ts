import { describe, expect, test } from '@jest/globals';
import { BufferPool } from './buffer-pool.ts';
import { ListedCandidates } from './listed-candidates.ts';
import { nodeRoom } from '../../test/support/admission-builders.ts';
import { RoomIndex } from './room-index.ts';
import { WireError } from './wire-error.ts';
import {
  NAMED_NODES,
  filterError,
  filterResult,
  hostPriorityList,
  parseExtenderArgs,
  parsePreemptionArgs,
  preemptionResult,
} from './wire.ts';

const asked = (...names: readonly string[]) => new ListedCandidates(body(names), new RoomIndex());
const namesOf = (candidates: ListedCandidates): readonly string[] =>
  Array.from(candidates.entries(), (_entry, position) => candidates.name(position));
const parse = (text: string) => parseExtenderArgs(body(text), new RoomIndex());
const body = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

// As kube-scheduler's own types encode them: k8s.io/kube-scheduler/extender/v1, TestCompatibility.
const POD = '{"metadata":{"name":"podname"},"spec":{"containers":null},"status":{}}';
const GOLDEN = {
  args: `{"Pod":${POD},"Nodes":null,"NodeNames":["node1"]}`,
  preemptionArgs: `{"Pod":${POD},"NodeNameToVictims":null,"NodeNameToMetaVictims":{"foo":{"Pods":[{"UID":"myuid"}],"NumPDBViolations":1}}}`,
  preemptionArgsWithPods: `{"Pod":${POD},"NodeNameToVictims":{"foo":{"Pods":[{"metadata":{"uid":"myuid"}}],"NumPDBViolations":1}},"NodeNameToMetaVictims":null}`,
  preemptionResult: '{"NodeNameToMetaVictims":{"foo":{"Pods":[{"UID":"myuid"}],"NumPDBViolations":1}}}',
  hostPriority: '{"Host":"myhost","Score":1}',
};

describe('requests', () => {
  test('carry a pod and names', () => {
    const { pod, candidates } = parse(GOLDEN.args);
    expect([pod, namesOf(candidates)]).toEqual([JSON.parse(POD), ['node1']]);
  });

  test.each([
    ['with spaces', `{ "Pod": ${POD}, "NodeNames": [ "a" , "b" ] }`, ['a', 'b']],
    ['with spaces between names', `{"Pod":${POD},"NodeNames":[ "a", "b" ]}`, ['a', 'b']],
    ['with the names first', `{"NodeNames":["a","b"],"Pod":${POD}}`, ['a', 'b']],
    ['with an empty list', `{"Pod":${POD},"Nodes":null,"NodeNames":[]}`, []],
    ['with escapes', `{"Pod":${POD},"Nodes":null,"NodeNames":["a\\u0062","c"]}`, ['ab', 'c']],
    ['with letters beyond ASCII', `{"Pod":${POD},"Nodes":null,"NodeNames":["ü"]}\n`, ['ü']],
    [
      'with the key inside the pod',
      `{"Pod":{"metadata":{"annotations":{"x":"\\"NodeNames\\":[\\"z\\"]"}}},"NodeNames":["a"]}`,
      ['a'],
    ],
    ['with the key as the pod’s own', `{"Pod":{"NodeNames":["z"]},"NodeNames":["a"]}`, ['a']],
  ])('are read %s', (_how, text, names) => {
    const { candidates } = parse(text);
    expect(namesOf(candidates)).toEqual(names);
    expect(['a', 'b', 'z'].filter((name) => candidates.has(name))).toEqual(
      ['a', 'b', 'z'].filter((name) => names.includes(name)),
    );
  });

  test.each([GOLDEN.preemptionArgs, GOLDEN.preemptionArgsWithPods])(
    'of preemption carry victims, in either form',
    (text) => {
      expect(parsePreemptionArgs(body(text)).candidates).toEqual(
        new Map([['foo', { podUids: ['myuid'], pdbViolations: 1 }]]),
      );
    },
  );

  test('of preemption may carry nothing where Go has null', () => {
    const text = `{"Pod":${POD},"NodeNameToVictims":null,"NodeNameToMetaVictims":null}`;
    expect(parsePreemptionArgs(body(text)).candidates.size).toBe(0);
    const noPods = `{"Pod":${POD},"NodeNameToMetaVictims":{"foo":{"Pods":null,"NumPDBViolations":0}}}`;
    expect(parsePreemptionArgs(body(noPods)).candidates).toEqual(new Map([['foo', { podUids: [], pdbViolations: 0 }]]));
  });

  test.each([
    ['{', /not JSON/],
    ['[]', /not a JSON object/],
    ['{"Pod":null,"NodeNames":[]}', /carries no Pod/],
    [`{"Pod":${POD},"Nodes":{"items":[]},"NodeNames":null}`, /set nodeCacheCapable: true/],
    [`{"Pod":${POD},"NodeNames":[1]}`, /no list of names/],
    [`{"Pod":${POD},"NodeNames":["a\\"b"]}`, /no node has in its name/],
  ])('that kube-scheduler does not send are named: %s', (text, message) => {
    // Names are looked at when somebody needs them.
    const read = () => parse(text).candidates.entries();
    expect(read).toThrow(WireError);
    expect(read).toThrow(message);
  });

  test.each([
    [`{"Pod":${POD},"NodeNameToMetaVictims":[]}`, /not an object/],
    [`{"Pod":${POD},"NodeNameToMetaVictims":{"foo":{"Pods":[{}]}}}`, /a victim carries no UID/],
  ])('of preemption that kube-scheduler does not send are named: %s', (text, message) => {
    expect(() => parsePreemptionArgs(body(text))).toThrow(message);
  });
});

describe('answers', () => {
  test('of filter have their keys in kube-scheduler’s order, and null for what is not said', () => {
    expect(
      filterResult({ kind: 'nodes', nodes: ['node1'] }, asked('node1', 'node2'), new BufferPool()).toString(),
    ).toBe('{"Nodes":null,"NodeNames":["node1"],"FailedNodes":null,"FailedAndUnresolvableNodes":null,"Error":""}');
  });

  test('of filter that refuse keep an empty list, as null would be an error, and name the others', () => {
    const refused = { kind: 'refused', reason: 'NoSlot', message: 'a "quoted" reason', forNow: false } as const;
    expect(filterResult(refused, asked('foo', 'baz'), new BufferPool()).toString()).toBe(
      '{"Nodes":null,"NodeNames":[],"FailedNodes":null,"FailedAndUnresolvableNodes":{"foo":"a \\"quoted\\" reason","baz":"a \\"quoted\\" reason"},"Error":""}',
    );
    expect(JSON.parse(filterResult(refused, asked(), new BufferPool()).toString())).toMatchObject({
      NodeNames: [],
      FailedAndUnresolvableNodes: {},
    });
  });

  test.each([
    [NAMED_NODES, NAMED_NODES, 'm'],
    [NAMED_NODES + 7, NAMED_NODES, 'm; the same on 7 nodes more'],
  ])('of filter that refuse %i nodes name %i, and say how many are not named', (asking, naming, message) => {
    const names = Array.from({ length: asking }, (_none, index) => `n${index}`);
    const answer = filterResult(
      { kind: 'refused', reason: 'NoSlot', message: 'm', forNow: false },
      asked(...names),
      new BufferPool(),
    );
    expect(JSON.parse(answer.toString())).toEqual({
      Nodes: null,
      NodeNames: [],
      FailedNodes: null,
      FailedAndUnresolvableNodes: Object.fromEntries(names.slice(0, naming).map((name) => [name, message])),
      Error: '',
    });
  });

  test('of filter to what is no question say so in Error', () => {
    expect(JSON.parse(filterError('myerror'))).toEqual({
      Nodes: null,
      NodeNames: null,
      FailedNodes: null,
      FailedAndUnresolvableNodes: null,
      Error: 'myerror',
    });
  });

  test('of prioritize are a bare list', () => {
    const scores = new Map([['myhost', 1]]);
    expect(hostPriorityList({ kind: 'named', scores }, asked('myhost'), new BufferPool()).toString()).toBe(
      `[${GOLDEN.hostPriority}]`,
    );
    expect(hostPriorityList({ kind: 'named', scores: new Map() }, asked('myhost'), new BufferPool()).toString()).toBe(
      '[]',
    );
  });

  test('of prioritize that prefer many name each, known or not', () => {
    const index = new RoomIndex();
    for (const name of ['a', 'c']) index.set(name, nodeRoom(name));
    const candidates = new ListedCandidates(body(['a', 'b', 'c', 'd']), index);
    const list = (positions: readonly number[]) =>
      hostPriorityList(
        { kind: 'unheld', positions: Int32Array.from(positions) },
        candidates,
        new BufferPool(),
      ).toString();
    expect(list([])).toBe('[]');
    expect(JSON.parse(list([1, 2, 3]))).toEqual(['b', 'c', 'd'].map((Host) => ({ Host, Score: 1 })));
  });

  test('of preempt are identifiers', () => {
    expect(preemptionResult(new Map([['foo', { podUids: ['myuid'], pdbViolations: 1 }]]))).toBe(
      GOLDEN.preemptionResult,
    );
    expect(preemptionResult(new Map())).toBe('{"NodeNameToMetaVictims":{}}');
  });
});
