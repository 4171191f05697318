import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolDir } from './build-tools.ts';
import { tryRun } from './command.ts';

/** A program of the PATH, or the one that an embedded cluster has built before. */
export async function findProgram(name: 'kubectl' | 'helm' | 'kind' | 'docker'): Promise<string> {
  if ((await tryRun(name, [name === 'kubectl' ? 'options' : 'version'], { timeoutSeconds: 20 })) !== undefined)
    return name;
  const built = join(toolDir('kubernetes'), name);
  if (existsSync(built)) return built;
  throw new Error(
    `${name} is needed, and is not on the PATH${name === 'docker' ? ' or its daemon does not run' : ''}. Install it, then run the same command again.`,
  );
}
