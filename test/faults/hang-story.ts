import { afterEach, expect, test } from '@jest/globals';
import { type DecisionBench, largeApp } from './decision-bench.ts';

/** One app whose slots the API server takes and never answers, beside another one. */
export function hangStory(given: () => DecisionBench): void {
  afterEach(async () => {
    given().letGo();
    await given().world.cluster.kubectl(['delete', 'papp', '--all', '-A', '--wait=true', '--timeout=30s']);
  });

  test('keeps nobody else from a turn, nor loses its room', async () => {
    const bench = given();
    bench.startOperator();
    for (const name of ['silent', 'served']) await bench.world.cluster.kubectl(['create', 'namespace', name]);
    const givenUpBefore = bench.timesSaid('could not be written');
    const hanging = bench.hangAt(/namespaces\/silent\/reservations/);
    await bench.apply(largeApp('silent', 'db', { replicas: 1 }));
    await bench.until('its write hangs', async () => hanging.hit !== undefined);

    // As many as there are nodes left, and then one more.
    await bench.apply(largeApp('served', 'db', { replicas: 4 }));
    await bench.until('the others have slots', async () => (await bench.slots('served')).length === 4);
    await bench.apply(largeApp('served', 'late', { replicas: 1 }));
    await bench.until('one finds no room', async () => /InsufficientCPU/.test(await bench.says('served', 'late')));
    // So it was by no means over by then.
    expect(bench.timesSaid('could not be written')).toBe(givenUpBefore);
    expect(await bench.slots('silent')).toEqual([]);

    bench.letGo();
    await bench.until('it has its slot', async () => (await bench.slots('silent')).length === 1);
    const all = [...(await bench.list('silent', 'rsv')), ...(await bench.list('served', 'rsv'))];
    const nodes = all.flatMap(({ spec }) => (spec.slots ?? []).map(({ node }) => node));
    expect(new Set(nodes).size).toBe(5);
    expect(nodes).toHaveLength(5);
  }, 120_000);
}
