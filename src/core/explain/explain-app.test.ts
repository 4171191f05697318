import { describe, expect, test } from '@jest/globals';
import { NOW, app } from '../../../test/support/app-builders.ts';
import { nodeFacts } from '../../../test/support/core-builders.ts';
import { LoadedCluster } from '../view/load-objects.ts';
import { explainApp } from './explain-app.ts';
import { simulate } from './simulate.ts';

const MESSAGE =
  'n1 would have room, and is set aside for shop/bank of framework owner, whose guarantee comes back: since 2026-01-02T03:00:00Z, until 2026-01-02T03:10:00Z at the latest; 0 of 1 nodes fit';

/** One app of one member that waits, on a cluster with room. */
function explained(blockedBy: string) {
  const cluster = new LoadedCluster();
  cluster.view.setNode(nodeFacts('n1'));
  const operations = [{ type: 'Launch', progress: '0/1', blockedBy, message: MESSAGE }];
  cluster.apps.set('prod/db', app({ spec: { replicas: 1 }, status: { operations } }));
  return explainApp(cluster, 'prod/db', NOW);
}

describe('an app for which there is room', () => {
  test('gets it', () => {
    expect(explained('InsufficientCPU')).toMatchObject({ state: 'Fits', refused: undefined, fits: [{ node: 'n1' }] });
  });

  test('does not when the operator keeps that room for a guarantee, which nobody else knows', () => {
    expect(explained('Earmarked')).toMatchObject({
      state: 'Refused',
      refused: { reason: 'Earmarked', message: MESSAGE, advice: expect.stringMatching(/^Wait until that app/) },
      fits: [],
    });
  });
});

describe('an app that starts together with others', () => {
  const gang = { apps: ['db', 'cache'] };
  const cluster = (peer: boolean): LoadedCluster => {
    const loaded = new LoadedCluster();
    loaded.view.setNode(nodeFacts('n1'));
    loaded.apps.set('prod/db', app({ spec: { replicas: 1, gang } }));
    const metadata = { name: 'cache', uid: 'app-2' };
    if (peer) loaded.apps.set('prod/cache', app({ metadata, spec: { replicas: 1, gang } }));
    return loaded;
  };

  test('waits, whatever room there is, while one of them does not exist', () => {
    const message =
      '1 of the 2 apps that start together (db, cache) can: cache does not exist: create it, or take it out of spec.gang.apps of the others';
    expect(explainApp(cluster(false), 'prod/db', NOW)).toMatchObject({
      state: 'Refused',
      refused: { reason: 'GangIncomplete', message, changes: [] },
      fits: [],
    });
    expect(simulate(cluster(false), ['prod/db'], NOW)).toMatchObject([{ fits: false, places: [] }]);
  });

  test('fits when all ask', () => {
    expect(explainApp(cluster(true), 'prod/db', NOW)?.state).toBe('Fits');
  });
});
