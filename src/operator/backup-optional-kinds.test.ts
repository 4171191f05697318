import { expect, test } from '@jest/globals';
import { systemClock } from '../kube/clock.ts';
import { silentLog } from '../kube/log.ts';
import { VOLUME_GROUP_SNAPSHOT } from '../kube/resource-type.ts';
import { OptionalKinds } from './backup-optional-kinds.ts';

/** Kinds of which discovery gives these answers, one each look; then nobody asks any more. */
function lookedAt(answers: readonly (boolean | Error)[]) {
  const asked = [...answers];
  const end = new AbortController();
  const known: string[] = [];
  const kinds = new OptionalKinds({
    types: [VOLUME_GROUP_SNAPSHOT],
    reflectors: [],
    serves: () => {
      const next = asked.shift();
      if (asked.length === 0) end.abort();
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? false);
    },
    clock: { ...systemClock, after: (_seconds, run) => systemClock.after(0, run) },
    log: silentLog,
  });
  return { kinds, known, run: () => kinds.run(end.signal, () => void known.push(kinds.state())) };
}

test('nothing is known before the API server was asked, nor when it cannot answer', async () => {
  const { kinds, known, run } = lookedAt([new Error('down')]);
  expect(kinds.state()).toBe('reading');
  await run();
  expect([kinds.state(), known]).toEqual(['reading', []]);
});

test('that they are missing is told once, however long they are', async () => {
  const { kinds, known, run } = lookedAt([new Error('down'), false, false, false]);
  await run();
  expect([kinds.state(), known]).toEqual(['missing', ['missing']]);
});
