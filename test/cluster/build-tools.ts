import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildProgress, buildProgress } from './build-progress.ts';
import { cacheDir } from './cache-dir.ts';
import { withFileLock } from './file-lock.ts';
import { compileStandardLibrary, fetchSources, goBuild, sourcesOf } from './go-build.ts';
import { findGo } from './go-toolchain.ts';
import { TOOL_MODULES, type ToolModule, type ToolModuleName, toolModuleHash } from './tool-modules.ts';

type Progress = (line: string) => void;

/** Folder of a module's built programs: `<cache>/tools/<module>-<hash of what is built>`. */
export function toolDir(name: ToolModuleName): string {
  return join(cacheDir(), 'tools', `${name}-${toolModuleHash(TOOL_MODULES[name])}`);
}

/** Builds what is missing in the cache, and returns the folders in the order asked. */
export async function buildTools(names: readonly ToolModuleName[], onProgress: Progress): Promise<readonly string[]> {
  if (missingOf(names).length > 0) {
    const onWait = (pid: number): void =>
      onProgress(`Process ${pid} builds parts of the cluster already; waiting for it`);
    await withFileLock(join(cacheDir(), 'tools', 'lock'), { timeoutSeconds: 3600, onWait }, async () => {
      const missing = missingOf(names);
      if (missing.length > 0) await buildAll(missing, onProgress);
    });
  }
  return names.map(toolDir);
}

function missingOf(names: readonly ToolModuleName[]): readonly ToolModule[] {
  return names.filter((name) => !existsSync(toolDir(name))).map((name) => TOOL_MODULES[name]);
}

/** Downloading waits for the network, compiling for the processor: the standard library is compiled meanwhile. */
async function buildAll(modules: readonly ToolModule[], onProgress: Progress): Promise<void> {
  const go = await findGo(onProgress);
  const progress = buildProgress(
    modules.map(({ title }) => title),
    onProgress,
  );
  try {
    const [packages] = await Promise.all([
      Promise.all(modules.map((module) => fetchSources(go, module))),
      compileStandardLibrary(go),
    ]);
    progress.compiling(new Set(packages.flat()).size);
    // What is of one Go module shares most packages: side by side both would compile them.
    const folders = Map.groupBy(modules, ({ folder }) => folder);
    await Promise.all([...folders.values()].map((sharing) => buildInTurn(go, sharing, progress)));
  } finally {
    progress.stop();
  }
}

async function buildInTurn(go: string, modules: readonly ToolModule[], progress: BuildProgress): Promise<void> {
  for (const module of modules) {
    await build(go, module, progress);
    progress.built(module.title);
  }
}

async function build(go: string, module: ToolModule, progress: BuildProgress): Promise<void> {
  const target = toolDir(module.name);
  const temporary = `${target}.unfinished`;
  mkdirSync(temporary, { recursive: true });
  await goBuild(go, module, temporary, (count) => progress.packages(count));
  for (const [from, to] of Object.entries(module.rename ?? {})) renameSync(join(temporary, from), join(temporary, to));
  await copyFiles(go, module, temporary);
  rmSync(target, { recursive: true, force: true });
  renameSync(temporary, target);
}

async function copyFiles(go: string, module: ToolModule, target: string): Promise<void> {
  for (const file of module.files) {
    const folder = join(target, 'share', file.folder ?? '');
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(await sourcesOf(go, module, file.module), file.path), join(folder, basename(file.path)));
  }
}
