// Writes what follows from the schemas in src/api: CRDs (crds/ and the chart's copy) and the reference pages.
// With --check nothing is written: stale, missing and left-over files are named, and the exit code is 1.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CRD_FOLDERS, REFERENCE_FOLDER, generatedFiles } from './generated-files.ts';

const ROOT = join(import.meta.dirname, '..');

async function readOr(path: string): Promise<string | undefined> {
  return readFile(join(ROOT, path), 'utf8').catch(() => undefined);
}

/** Files in the generated folders that nothing generates any more. */
async function leftOvers(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const listed = await Promise.all(
    [...CRD_FOLDERS, REFERENCE_FOLDER].map(async (folder) =>
      (await readdir(join(ROOT, folder)).catch(() => [])).map((name) => `${folder}/${name}`),
    ),
  );
  return listed.flat().filter((path) => !files.has(path));
}

/** Generated files whose content on disk is another one, or that are not there. */
async function stale(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const compared = await Promise.all(
    [...files].map(async ([path, content]) => ((await readOr(path)) === content ? [] : [path])),
  );
  return compared.flat();
}

async function main(check: boolean): Promise<number> {
  const files = generatedFiles();
  const [outdated, extra] = await Promise.all([stale(files), leftOvers(files)]);
  if (check) {
    for (const path of outdated) console.error(`stale: ${path}`);
    for (const path of extra) console.error(`left over: ${path}`);
    if (outdated.length + extra.length > 0) console.error('run: npm run generate');
    return outdated.length + extra.length > 0 ? 1 : 0;
  }
  for (const path of outdated) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true });
    await writeFile(join(ROOT, path), files.get(path) ?? '');
    console.log(`wrote ${path}`);
  }
  for (const path of extra) {
    await rm(join(ROOT, path));
    console.log(`removed ${path}`);
  }
  return 0;
}

process.exitCode = await main(process.argv.includes('--check'));
