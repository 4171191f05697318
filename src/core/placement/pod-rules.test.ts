import { describe, expect, test } from '@jest/globals';
import {
  NOW,
  demand,
  nodeFacts,
  podFacts,
  reservation,
  slot,
  tenant,
  viewOf,
} from '../../../test/support/core-builders.ts';
import { allocate } from '../allocator/allocate.ts';
import type { Demand, PlacementRules } from '../allocator/demand.ts';
import type { Labels } from '../facts/label-selector.ts';
import type { MemberPods, SpreadRule } from '../facts/member-pods.ts';
import type { HostPort, PodTerm } from '../facts/pod-term.ts';
import type { ClusterView } from '../view/cluster-view.ts';

const HOST = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

const selector = (labels: Labels) =>
  Object.entries(labels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));

function term(labels: Labels, topologyKey = HOST, rest: Partial<PodTerm> = {}): PodTerm {
  return { topologyKey, selector: selector(labels), namespaces: ['shop'], namespaceSelector: undefined, ...rest };
}

function spread(rest: Partial<SpreadRule> = {}): SpreadRule {
  return {
    topologyKey: ZONE,
    maxSkew: 1,
    minDomains: 1,
    selector: selector({ app: 'es' }),
    honorsAffinity: true,
    honorsTaints: false,
    ...rest,
  };
}

const port = (number: number, ip = '0.0.0.0', protocol = 'TCP'): HostPort => ({ ip, protocol, port: number });

function memberPods(rest: Partial<MemberPods> = {}): MemberPods {
  return {
    namespace: 'shop',
    labels: { app: 'es' },
    affinity: [],
    antiAffinity: [],
    spread: [],
    hostPorts: [],
    ...rest,
  };
}

type Options = Parameters<typeof demand>[1];

const asking = (pods: Partial<MemberPods>, options: Options = {}, rules: Partial<PlacementRules> = {}): Demand =>
  demand('es', { pods: memberPods(pods), rules, ...options });

/** a1, a2 in zone a, b1 in zone b, and c1 without a zone. */
function cluster(): ClusterView {
  return viewOf(
    nodeFacts('a1', { zone: 'a' }),
    nodeFacts('a2', { zone: 'a' }),
    nodeFacts('b1', { zone: 'b' }),
    nodeFacts('c1'),
  );
}

function put(
  view: ClusterView,
  name: string,
  nodeName: string,
  rest: Parameters<typeof podFacts>[1] = {},
): ClusterView {
  view.setPod(podFacts(name, { nodeName, requests: { cpu: '10m', memory: '1Mi' }, ...rest }));
  return view;
}

function places(view: ClusterView, ...asked: readonly Demand[]): readonly (readonly string[])[] {
  return allocate(view, [tenant()], asked, NOW).map((answer) =>
    answer.kind === 'accept' ? answer.slots.map(({ node }) => node) : [answer.message],
  );
}

/** The nodes that admit one member, each asked for by itself. */
function admitted(view: ClusterView, asked: Demand): readonly string[] {
  return view.nodes().flatMap(({ name }) => {
    const pinned = {
      ...asked.rules,
      nodeAffinityTerms: [[{ key: 'metadata.name', operator: 'In' as const, values: [name] }]],
    };
    // Spread rules count the nodes of the pod's own affinity: not these.
    const pods = asked.pods && {
      ...asked.pods,
      spread: asked.pods.spread.map((rule) => ({ ...rule, honorsAffinity: false })),
    };
    const [found] = places(view, { ...asked, pods, rules: pinned });
    return found?.[0] === name ? [name] : [];
  });
}

describe('pod affinity', () => {
  test('goes where a pod is that it looks for', () => {
    expect(
      admitted(
        put(cluster(), 'db', 'a1', { labels: { app: 'db' } }),
        asking({ affinity: [term({ app: 'db' }, ZONE)] }),
      ),
    ).toEqual(['a1', 'a2']);
  });

  test('needs one pod that all terms are about', () => {
    const view = put(put(cluster(), 'db', 'a1', { labels: { app: 'db' } }), 'fast', 'b1', { labels: { tier: 'fast' } });
    const affinity = [term({ app: 'db' }, ZONE), term({ tier: 'fast' }, ZONE)];
    expect(admitted(view, asking({ affinity }))).toEqual([]);
    put(view, 'both', 'b1', { labels: { app: 'db', tier: 'fast' } });
    expect(admitted(view, asking({ affinity }))).toEqual(['b1']);
  });

  test('lets the first of a group that looks for itself go to any node with the label', () => {
    expect(admitted(cluster(), asking({ affinity: [term({ app: 'es' }, ZONE)] }))).toEqual(['a1', 'a2', 'b1']);
  });

  test('does not when it looks for others', () => {
    expect(admitted(cluster(), asking({ affinity: [term({ app: 'db' }, ZONE)] }))).toEqual([]);
  });

  test('keeps the members of one decision together', () => {
    const [nodes = []] = places(cluster(), asking({ affinity: [term({ app: 'es' })] }, { count: 3 }));
    expect(new Set(nodes).size).toBe(1);
  });

  test('tries another zone when the first has too little room for all', () => {
    const view = viewOf(
      nodeFacts('a1', { zone: 'a', allocatable: { cpu: '9' } }),
      nodeFacts('b1', { zone: 'b' }),
      nodeFacts('b2', { zone: 'b' }),
      nodeFacts('b3', { zone: 'b' }),
    );
    const [nodes] = places(
      view,
      asking({ affinity: [term({ app: 'es' }, ZONE)] }, { count: 12, member: { requests: { memory: '0' } } }),
    );
    expect(nodes?.every((node) => node.startsWith('b'))).toBe(true);
  });

  test('finds pods of other namespaces by name, by labels, or in all', () => {
    const view = put(cluster(), 'db', 'b1', { namespace: 'data', labels: { app: 'db' } });
    view.pods.setNamespace('data', { team: 'blue' });
    const found = (rest: Partial<PodTerm>) => admitted(view, asking({ affinity: [term({ app: 'db' }, HOST, rest)] }));
    expect(found({})).toEqual([]);
    expect(found({ namespaces: ['data'] })).toEqual(['b1']);
    expect(found({ namespaces: [], namespaceSelector: [] })).toEqual(['b1']);
    expect(found({ namespaces: [], namespaceSelector: selector({ team: 'blue' }) })).toEqual(['b1']);
    expect(found({ namespaces: [], namespaceSelector: selector({ team: 'red' }) })).toEqual([]);
  });

  test('finds the pods that come for slots of other apps', () => {
    const view = cluster();
    view.setReservation(reservation('db', [slot('db-0', 'b1')]));
    const near = asking({ affinity: [term({ app: 'db' }, ZONE)] });
    expect(admitted(view, near)).toEqual([]);
    view.pods.setTemplate('uid-db', memberPods({ labels: { app: 'db' } }));
    expect(admitted(view, near)).toEqual(['b1']);
    view.deleteReservation('shop/db');
    expect(admitted(view, near)).toEqual([]);
  });

  test('finds members that got their place in the same run', () => {
    const db = demand('db', {
      pods: memberPods({ labels: { app: 'db' } }),
      priority: 9,
      rules: { nodeSelector: { [HOST]: 'b1' } },
    });
    expect(places(cluster(), db, asking({ affinity: [term({ app: 'db' })] }))).toEqual([['b1'], ['b1']]);
  });
});

describe('pod anti-affinity', () => {
  const apart = { antiAffinity: [term({ app: 'es' }, ZONE)] };

  test('keeps members out of values with pods that it avoids; a node without the label is open', () => {
    expect(admitted(put(cluster(), 'other', 'a1', { labels: { app: 'es' } }), asking(apart))).toEqual(['b1', 'c1']);
  });

  test('counts members of the same decision', () => {
    const [nodes = []] = places(cluster(), asking(apart, { count: 3 }));
    expect([...nodes].toSorted()).toEqual([expect.stringMatching(/^a/), 'b1', 'c1']);
  });

  test('counts members that have their slots already, and terminating pods', () => {
    expect(admitted(cluster(), asking(apart, { placed: [{ member: 'es-1', node: 'b1' }] }))).toEqual([
      'a1',
      'a2',
      'c1',
    ]);
    expect(admitted(put(cluster(), 'es-7', 'b1', { deleting: true, labels: { app: 'es' } }), asking(apart))).toEqual([
      'a1',
      'a2',
      'c1',
    ]);
  });

  test('does not count the member’s own pod of before', () => {
    expect(admitted(put(cluster(), 'es-0', 'b1', { labels: { app: 'es' } }), asking(apart))).toEqual([
      'a1',
      'a2',
      'b1',
      'c1',
    ]);
  });

  test('of others keeps members away, whatever their own rules', () => {
    const view = put(cluster(), 'guard', 'a1', {
      excludes: { antiAffinity: [term({ app: 'es' }, ZONE)], hostPorts: [] },
    });
    expect(admitted(view, asking({}))).toEqual(['b1', 'c1']);
    expect(admitted(view, asking({ labels: { app: 'kafka' } }))).toEqual(['a1', 'a2', 'b1', 'c1']);
  });

  test('of others may name one member', () => {
    const labels = { 'statefulset.kubernetes.io/pod-name': 'es-0' };
    const view = put(cluster(), 'guard', 'a1', { excludes: { antiAffinity: [term(labels)], hostPorts: [] } });
    expect(admitted(view, asking({}))).toEqual(['a2', 'b1', 'c1']);
  });

  test('of others counts in the same run, and is forgotten with a gang that finds no place', () => {
    const guard = (count: number) =>
      demand('guard', {
        count,
        priority: 9,
        pods: memberPods({ labels: {}, antiAffinity: [term({ app: 'es' }, ZONE)] }),
        rules: { nodeSelector: { [HOST]: 'a1' } },
      });
    expect(places(cluster(), guard(1), asking({}, {}, { nodeSelector: { [ZONE]: 'a' } }))).toEqual([
      ['a1'],
      [expect.stringContaining('PodAntiAffinityMismatch (a1: 1 pods keep it out of topology.kubernetes.io/zone a')],
    ]);
    expect(places(cluster(), guard(5), asking({}, {}, { nodeSelector: { [HOST]: 'a2' } }))[1]).toEqual(['a2']);
  });
});

const counted = (view: ClusterView, ...nodes: readonly string[]) =>
  nodes.reduce((all, node, i) => put(all, `p${i}`, node, { labels: { app: 'es' } }), view);

describe('topology spread', () => {
  test('keeps the values within maxSkew; a node without the label is out', () => {
    expect(admitted(counted(cluster(), 'a1'), asking({ spread: [spread()] }))).toEqual(['b1']);
    expect(admitted(counted(cluster(), 'a1'), asking({ spread: [spread({ maxSkew: 2 })] }))).toEqual([
      'a1',
      'a2',
      'b1',
    ]);
  });

  test('takes the fewest as none while there are fewer values than minDomains', () => {
    expect(admitted(counted(cluster(), 'a1', 'b1'), asking({ spread: [spread({ minDomains: 3 })] }))).toEqual([]);
    expect(admitted(counted(cluster(), 'a1', 'b1'), asking({ spread: [spread({ minDomains: 2 })] }))).toEqual([
      'a1',
      'a2',
      'b1',
    ]);
  });

  test('counts neither terminating pods nor those of other namespaces', () => {
    const view = put(put(cluster(), 'p', 'a1', { deleting: true, labels: { app: 'es' } }), 'q', 'a1', {
      namespace: 'x',
      labels: { app: 'es' },
    });
    expect(admitted(view, asking({ spread: [spread()] }))).toEqual(['a1', 'a2', 'b1']);
  });

  test('leaves out the nodes that the pod’s affinity leaves out, unless it is told to ignore that', () => {
    const view = counted(cluster(), 'a1');
    const inA = { nodeSelector: { [ZONE]: 'a' } };
    expect(places(view, asking({ spread: [spread()] }, {}, inA))[0]).toEqual(['a2']);
    expect(places(view, asking({ spread: [spread({ honorsAffinity: false })] }, {}, inA))[0]?.[0]).toContain(
      'zone a would have 2 pods, the fewest in any value are 0, and maxSkew is 1',
    );
    expect(
      places(
        view,
        asking({ spread: [spread()] }, {}, { constraints: [{ key: '@zone', operator: 'Is', value: 'a' }] }),
      )[0],
    ).toEqual(['a2']);
  });

  test('leaves out nodes with taints only when it is told to', () => {
    const view = cluster();
    view.setNode(nodeFacts('b1', { zone: 'b', taints: [{ key: 'x', value: '', effect: 'NoSchedule' }] }));
    counted(view, 'a1');
    expect(places(view, asking({ spread: [spread()] }))[0]?.[0]).toContain('TopologySpreadMismatch');
    expect(places(view, asking({ spread: [spread({ honorsTaints: true })] }))[0]).toEqual(['a2']);
  });

  test('counts members of the same decision and those with slots', () => {
    const [nodes = []] = places(
      cluster(),
      asking(
        { spread: [spread()] },
        { count: 4, placed: [{ member: 'es-9', node: 'a1' }], member: { requests: { cpu: '100m' } } },
      ),
    );
    expect(nodes.filter((node) => node === 'b1')).toHaveLength(nodes.length === 4 ? 2 : -1);
  });

  test('a slot and the pod in it count once', () => {
    const view = put(cluster(), 'es-9', 'a1', { labels: { app: 'es' } });
    const placed = [{ member: 'es-9', node: 'a1' }];
    expect(admitted(view, asking({ spread: [spread({ maxSkew: 2 })] }, { placed }))).toEqual(['a1', 'a2', 'b1']);
  });
});

describe('host ports', () => {
  test.each<[string, HostPort, HostPort, boolean]>([
    ['the same port', port(80), port(80), true],
    ['another port', port(80), port(81), false],
    ['another protocol', port(80), port(80, '0.0.0.0', 'UDP'), false],
    ['every address against one', port(80), port(80, '10.0.0.1'), true],
    ['two addresses', port(80, '10.0.0.2'), port(80, '10.0.0.1'), false],
  ])('%s', (_what, wanted, taken, clash) => {
    const view = put(viewOf(nodeFacts('n1')), 'web', 'n1', { excludes: { antiAffinity: [], hostPorts: [taken] } });
    const [[answer] = []] = places(view, asking({ hostPorts: [wanted] }));
    if (clash) expect(answer).toContain('host port 80/TCP is taken by pod shop/web');
    else expect(answer).toBe('n1');
  });

  test('members of one decision cannot share a node', () => {
    const [nodes = []] = places(cluster(), asking({ hostPorts: [port(80)] }, { count: 4 }));
    expect(new Set(nodes).size).toBe(4);
  });
});
