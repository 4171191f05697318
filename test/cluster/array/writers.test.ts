import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WriterSpan } from './array-control.ts';
import { doubleWriters, WriterLog } from './writers.ts';

const span = (node: string, from: number, to: number | undefined, volume = 'v'): WriterSpan => ({
  volume,
  node,
  generation: 1,
  from,
  to,
  end: to === undefined ? undefined : 'unstaged',
});

describe('the history of writers', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'proffer-writers-'));
    path = join(folder, 'writers.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is the same after the process was started again', () => {
    const log = new WriterLog(path);
    log.open('v', 'a', 1);
    log.close('v', 'a', 'fenced');
    log.open('v', 'b', 2);
    expect(new WriterLog(path).spans()).toEqual(log.spans());
    expect(log.spans('v').map(({ node, end }) => [node, end])).toEqual([
      ['a', 'fenced'],
      ['b', undefined],
    ]);
  });

  test('forgets only a line that a kill cut off', () => {
    const log = new WriterLog(path);
    log.open('v', 'a', 1);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"at":17,"vol`);
    expect(new WriterLog(path).spans()).toHaveLength(1);
  });

  test('counts a node once, however often it is told', () => {
    const log = new WriterLog(path);
    log.open('v', 'a', 1);
    log.open('v', 'a', 1);
    log.close('v', 'a', 'unstaged');
    log.close('v', 'a', 'fenced');
    expect(log.spans()).toMatchObject([{ node: 'a', end: 'unstaged' }]);
  });
});

describe('double writers', () => {
  test.each([
    ['one after the other', [span('a', 1, 2), span('b', 2, 3)], 0],
    ['at the same time', [span('a', 1, 3), span('b', 2, 4)], 1],
    ['one that never ended', [span('a', 1, undefined), span('b', 2, 3)], 1],
    ['the same node twice', [span('a', 1, 3), span('a', 2, 4)], 0],
    ['two volumes', [span('a', 1, 3), span('b', 2, 4, 'w')], 0],
  ])('%s', (_, spans, found) => {
    expect(doubleWriters(spans)).toHaveLength(found);
  });
});
