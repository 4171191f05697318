import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheDir } from './cache-dir.ts';
import { run } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { findGo } from './go-toolchain.ts';
import { LINKER_FLAGS, TOOL_MODULES, type ToolModule, type ToolModuleName, toolModuleHash } from './tool-modules.ts';

type Progress = (line: string) => void;

/** Folder of a module's built programs: `<cache>/tools/<module>-<hash of go.mod and go.sum>`. */
export function toolDir(name: ToolModuleName): string {
  return join(cacheDir(), 'tools', `${name}-${toolModuleHash(TOOL_MODULES[name])}`);
}

/** Builds what is missing in the cache, one module after another (each uses all cores), and returns the folders in the order asked. */
export async function buildTools(names: readonly ToolModuleName[], onProgress: Progress): Promise<readonly string[]> {
  for (const name of names) {
    if (!existsSync(toolDir(name))) await buildUnderLock(TOOL_MODULES[name], onProgress);
  }
  return names.map(toolDir);
}

async function buildUnderLock(module: ToolModule, onProgress: Progress): Promise<void> {
  const target = toolDir(module.name);
  await withFileLock(
    join(cacheDir(), 'tools', `${module.name}.lock`),
    { timeoutSeconds: 3600, onWait: (pid) => onProgress(`Process ${pid} builds ${module.title}; waiting for it`) },
    async () => {
      if (!existsSync(target)) await build(module, target, onProgress);
    },
  );
}

async function build(module: ToolModule, target: string, onProgress: Progress): Promise<void> {
  const go = await findGo(onProgress);
  const temporary = `${target}.unfinished`;
  mkdirSync(temporary, { recursive: true });
  const progress = buildProgress(module.title, onProgress);
  try {
    await run(
      go,
      ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', LINKER_FLAGS, '-o', `${temporary}/`, 'tool'],
      {
        cwd: module.folder,
        env: { GOTOOLCHAIN: 'local', GOFLAGS: '', CGO_ENABLED: '0' },
        timeoutSeconds: 3600,
        onErrorOutput: progress.packages,
      },
    );
    for (const [from, to] of Object.entries(module.rename ?? {}))
      renameSync(join(temporary, from), join(temporary, to));
    await copyFiles(go, module, temporary);
  } finally {
    progress.stop();
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(temporary, target);
  onProgress(`Built ${module.title} in ${progress.elapsed()}`);
}

async function copyFiles(go: string, module: ToolModule, target: string): Promise<void> {
  const options = { cwd: module.folder, env: { GOTOOLCHAIN: 'local', GOFLAGS: '' }, timeoutSeconds: 300 };
  for (const file of module.files) {
    await run(go, ['mod', 'download', file.module], options);
    const source = (await run(go, ['list', '-m', '-f', '{{.Dir}}', file.module], options)).trim();
    const folder = join(target, 'share', file.folder ?? '');
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(source, file.path), join(folder, basename(file.path)));
  }
}

/** A line at once, and one every 15 s with the time and what `go build -v` named so far: packages compiled, modules downloaded. */
function buildProgress(title: string, onProgress: Progress) {
  const started = performance.now();
  let packages = 0;
  const elapsed = (): string => minutesAndSeconds((performance.now() - started) / 1000);
  onProgress(`Building ${title} …`);
  const timer = setInterval(
    () =>
      onProgress(
        `Building ${title} … ${elapsed()} (${packages === 0 ? 'fetching modules' : `${packages} packages compiled`})`,
      ),
    15_000,
  );
  return {
    elapsed,
    stop: (): void => clearInterval(timer),
    packages: (text: string): void => {
      packages += text.split('\n').filter((line) => line !== '' && !line.startsWith('go: ')).length;
    },
  };
}

/** `3m12s`, or `12s` below a minute. */
export function minutesAndSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}
