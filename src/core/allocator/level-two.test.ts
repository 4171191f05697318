import { describe, expect, test } from '@jest/globals';
import { NOW, amounts, demand, nodeFacts, podFacts, viewOf } from '../../../test/support/core-builders.ts';
import { memberNeed } from '../placement/member-need.ts';
import { PlacementEngine } from '../placement/placement-engine.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import { placementOf } from './level-two-built-in.ts';
import { type Acceptance, takeUp } from './level-two-accept.ts';
import { Offers } from './level-two.ts';

const two = () => viewOf(nodeFacts('n1'), nodeFacts('n2', { allocatable: { cpu: '2' } }));

/** Offers to a framework of their own engine, and what comes of taking some of them up. */
function offered(view: ClusterView, count = 2) {
  const engine = new PlacementEngine(view, NOW);
  const offers = new Offers('search', engine.run);
  const asked = demand('es', { count, framework: 'search' });
  const pending = {
    demand: asked,
    needs: asked.members.map((member) => memberNeed(view, asked, member)),
    minMembers: asked.minMembers,
    offers,
  };
  return {
    offers,
    accept: (accepted: readonly Acceptance[]) => takeUp(placementOf(engine, pending), pending, accepted),
  };
}

const accept = (member: string, node: string, view: ClusterView): Acceptance => ({
  member,
  node,
  generation: view.generation(node),
});

describe('offers', () => {
  test('say what each node could give, as of when', () => {
    const view = two();
    view.setPod(podFacts('a', { nodeName: 'n1', requests: { cpu: '3' } }));
    const { offers } = offered(view);
    expect([...offers.all()].map(({ node }) => node)).toEqual(['n1', 'n2']);
    expect(offers.of('n1')).toEqual({
      node: 'n1',
      framework: 'search',
      generation: view.generation('n1'),
      free: amounts({ cpu: '1', memory: '15Gi', pods: 109 }),
    });
    expect(offers.of('n9')).toBeUndefined();
  });
});

describe('taking offers up', () => {
  test('puts the members there', () => {
    const view = two();
    const { offers, accept: take } = offered(view);
    const answer = take([accept('es-0', 'n1', view), accept('es-1', 'n1', view)]);
    expect(answer).toMatchObject({ kind: 'accept', placed: [[{}, {}]] });
    expect(offers.of('n1')?.free['cpu']).toBe(2000);
  });

  test('is refused when something changed on the node since', () => {
    const view = two();
    const old = accept('es-0', 'n1', view);
    view.setPod(podFacts('a', { nodeName: 'n1' }));
    const answer = offered(view).accept([old]);
    expect(answer).toMatchObject({ kind: 'decline', member: 'es-0', decline: { reason: 'OfferStale' } });
    expect(answer.kind === 'decline' && answer.decline.message).toMatch(
      /^es-0: n1 changed since it was offered \(generation \d+, now \d+\): wait for the next offers$/,
    );
  });

  test('is refused when the node is gone, and for a member that waits for nothing', () => {
    const view = two();
    expect(offered(view).accept([accept('es-0', 'n9', view)])).toMatchObject({ decline: { reason: 'OfferStale' } });
    expect(offered(view).accept([accept('es-7', 'n1', view)])).toMatchObject({
      member: 'es-7',
      decline: { reason: 'OfferStale' },
    });
  });

  test('is refused where the member does not fit, whatever the framework thinks', () => {
    const view = two();
    const asked = ['es-0', 'es-1', 'es-2'].map((member) => accept(member, 'n2', view));
    expect(offered(view, 3).accept(asked)).toMatchObject({
      kind: 'decline',
      member: 'es-2',
      beside: 2,
      decline: { reason: 'InsufficientCPU', message: 'es-2: needs 1000m, 0m free' },
    });
  });

  test('is refused when it leaves out members that must start together', () => {
    const view = two();
    expect(offered(view).accept([accept('es-0', 'n1', view)])).toMatchObject({
      kind: 'decline',
      member: 'es-1',
      decline: { reason: 'GangIncomplete', message: '1 of the 2 members that must start together were accepted' },
    });
  });
});
