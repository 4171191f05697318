import { describe, expect, test } from '@jest/globals';
import { hasDiskError, pathOfDiskError } from './disk-errors.ts';

describe('a text', () => {
  test.each([
    ['glibc', 'cat: /data/log: Input/output error', true],
    ['musl', 'cat: read error: I/O error', true],
    ['Go', 'open /data/wal: input/output error', true],
    ['a read-only remount', 'touch: /data/x: Read-only file system', true],
    ['XFS after a shutdown', 'ls: cannot access /data: Structure needs cleaning', true],
    ['NFS', 'stat /data: stale NFS file handle', true],
    ['a full disk', 'write /data/log: no space left on device', false],
    ['a slow one', 'probe timed out after 1s', false],
    ['a missing file', 'open /data/log: no such file or directory', false],
  ])('of %s', (_, text, expected) => {
    expect(hasDiskError(text)).toBe(expected);
  });

  test.each([
    ['/data/log: Input/output error', ['/data'], '/data'],
    ['"/data": Input/output error', ['/data'], '/data'],
    ['/database/log: Input/output error', ['/data'], undefined],
    ['/var/data/log: Input/output error', ['/data'], undefined],
    ['/data/wal/1: Input/output error', ['/data', '/data/wal'], '/data/wal'],
    ['/tmp/x: Read-only file system', ['/data'], undefined],
    ['/data/log: no space left on device', ['/data'], undefined],
    ['Input/output error', ['/'], undefined],
  ])('%s names of %j %s', (text, paths, expected) => {
    expect(pathOfDiskError(text, paths)).toBe(expected);
  });
});
