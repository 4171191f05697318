import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.ts';

/**
 * Copies containerd's content. Blobs and unpacked layers are only ever read, so copies share them by hard links. The databases beside them
 * are written: real copies. On another file system than the cache's, all is copied.
 */
export async function copyContent(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['--archive', '--link', from, to]);
  } catch {
    rmSync(to, { recursive: true, force: true });
    await run('cp', ['--archive', from, to], { timeoutSeconds: 120 });
    return;
  }
  for (const database of [
    'io.containerd.metadata.v1.bolt/meta.db',
    'io.containerd.snapshotter.v1.overlayfs/metadata.db',
  ]) {
    rmSync(join(to, database));
    cpSync(join(from, database), join(to, database));
  }
}
