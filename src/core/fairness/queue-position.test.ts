import { describe, expect, test } from '@jest/globals';
import { NOW, demand, nodeFacts, reservation, slot, tenant, viewOf } from '../../../test/support/core-builders.ts';
import { queuePosition } from './queue-position.ts';

const CLUSTER = () => viewOf(nodeFacts('n1', { allocatable: { cpu: 10, memory: '640Gi' } }));

describe('the position in the queue', () => {
  test('is that of the turn, with the framework that is ahead and its share', () => {
    const view = CLUSTER();
    view.setReservation(reservation('old', [slot('old-0', 'n1'), slot('old-1', 'n1')], { framework: 'rich' }));
    const demands = [
      demand('r0', { framework: 'rich' }),
      demand('p0', { framework: 'poor' }),
      demand('p1', { framework: 'poor' }),
      demand('p2', { framework: 'poor' }),
    ];
    const places = queuePosition(view, [tenant('rich'), tenant('poor')], demands, NOW);
    expect([...places.values()].map(({ app, position, waiting }) => `${app.name} ${position}/${waiting}`)).toEqual([
      'p0 1/4',
      'p1 2/4',
      'p2 3/4',
      'r0 4/4',
    ]);
    expect(places.get('uid-r0')).toMatchObject({ share: 0.2, ahead: { framework: 'poor', share: 0.2 } });
    expect(places.get('uid-p2')?.ahead).toBeUndefined();
  });

  test('is none for an app whose framework has no turn', () => {
    const demands = [demand('lost', { framework: 'nobody' }), demand('es')];
    const places = queuePosition(CLUSTER(), [tenant()], demands, NOW);
    expect(places.get('uid-lost')).toBeUndefined();
    expect(places.get('uid-es')).toMatchObject({ position: 1, waiting: 1 });
  });

  test('of nobody is empty', () => {
    expect(queuePosition(CLUSTER(), [tenant()], [], NOW).size).toBe(0);
  });
});
