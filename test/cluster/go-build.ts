import { mkdirSync } from 'node:fs';
import { cacheDir } from './cache-dir.ts';
import { run } from './command.ts';
import { COMPILER_FLAGS, LINKER_FLAGS, type ToolModule } from './tool-modules.ts';

/**
 * The compiler and the linker are Go programs that end soon: with more garbage left lying they collect less often. Programs without C
 * run on any base image.
 */
const ENVIRONMENT = { GOTOOLCHAIN: 'local', GOFLAGS: '', CGO_ENABLED: '0', GOGC: '400' };

/** Of the standard library what nearly every program here needs, with all that it imports. */
const STANDARD_PACKAGES = ['net/http', 'encoding/json', 'encoding/xml', 'html/template', 'go/parser', 'net/rpc'];

const programsOf = (module: ToolModule): readonly string[] => [
  ...(module.tags === undefined ? [] : ['-tags', module.tags.join(',')]),
  ...(module.programs ?? ['tool']),
];

/** Downloads what the module's programs import, and returns the import paths of all packages outside the standard library. */
export async function fetchSources(go: string, module: ToolModule): Promise<readonly string[]> {
  const output = await run(
    go,
    ['list', '-deps', '-f', '{{if not .Standard}}{{.ImportPath}}{{end}}', ...programsOf(module)],
    { cwd: module.folder, env: ENVIRONMENT, timeoutSeconds: 1800 },
  );
  return output.split('\n').filter((line) => line !== '');
}

/** Compiles into Go's cache what can be compiled while modules are downloaded. */
export async function compileStandardLibrary(go: string): Promise<void> {
  mkdirSync(cacheDir(), { recursive: true });
  // Not in a module's folder: nothing of it is looked at.
  await run(go, ['build', ...COMPILER_FLAGS, ...STANDARD_PACKAGES], {
    cwd: cacheDir(),
    env: ENVIRONMENT,
    timeoutSeconds: 1800,
  });
}

/** Builds the module's programs into the folder. `onPackages`: called with the number of packages that were compiled since the last call. */
export async function goBuild(
  go: string,
  module: ToolModule,
  target: string,
  onPackages: (count: number) => void,
): Promise<void> {
  await run(
    go,
    ['build', '-v', ...COMPILER_FLAGS, '-ldflags', LINKER_FLAGS, '-o', `${target}/`, ...programsOf(module)],
    {
      cwd: module.folder,
      env: ENVIRONMENT,
      timeoutSeconds: 3600,
      onErrorOutput: (text) =>
        onPackages(text.split('\n').filter((line) => line !== '' && !line.startsWith('go: ')).length),
    },
  );
}

/** The folder of a Go module's sources, which are downloaded when they are not there. */
export async function sourcesOf(go: string, module: ToolModule, goModule: string): Promise<string> {
  const options = { cwd: module.folder, env: ENVIRONMENT, timeoutSeconds: 300 };
  await run(go, ['mod', 'download', goModule], options);
  return (await run(go, ['list', '-m', '-f', '{{.Dir}}', goModule], options)).trim();
}
