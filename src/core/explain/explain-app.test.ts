import { describe, expect, test } from '@jest/globals';
import { NOW, app } from '../../../test/support/app-builders.ts';
import { nodeFacts } from '../../../test/support/core-builders.ts';
import { LoadedCluster } from '../view/load-objects.ts';
import { explainApp } from './explain-app.ts';

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
