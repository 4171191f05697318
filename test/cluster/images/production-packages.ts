import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type LayerEntry, entriesOf } from './layer.ts';

/** The repository's root. */
export const REPOSITORY = join(import.meta.dirname, '..', '..', '..');

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly peer?: boolean }>>;
}

/** Folders of the installed packages that Proffer runs with, as the lockfile has them: all but those for development. */
export function productionPackages(
  lockfileText = readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8'),
): readonly string[] {
  const { packages } = JSON.parse(lockfileText) as Lockfile;
  return Object.entries(packages)
    .filter(([path, { dev, peer }]) => path !== '' && dev !== true && peer !== true)
    .map(([path]) => path)
    .filter((path) => existsSync(join(REPOSITORY, path)))
    .toSorted();
}

/** Of Node's own package only the program: its headers and change log are as big. Of the others no type declarations or maps. */
function isNeeded(path: string): boolean {
  if (path.startsWith('node-')) return path.split('/').length < 2 || /^node-[^/]+\/(bin|package\.json)/.test(path);
  return !/\.(d\.[cm]?ts|map|md|markdown)$/.test(path) && !/(^|\/)node_modules$/.test(path);
}

/** `app/node_modules` with production packages only, and `.bin/node`. */
export function packageEntries(): readonly LayerEntry[] {
  const packages = productionPackages();
  const entries = packages.flatMap((path) => {
    const name = path.slice('node_modules/'.length);
    const below = entriesOf(join(REPOSITORY, path), `app/${path}`, (file) =>
      isNeeded(`${isNode(name) ? 'node-x' : 'package'}/${file}`),
    );
    return [{ kind: 'folder', path: `app/${path}` } satisfies LayerEntry, ...below];
  });
  const node = packages.map((path) => basename(path)).find(isNode);
  if (node === undefined) throw new Error('The pinned Node.js is not among the installed packages: run npm install.');
  const parents = [...new Set(packages.map(dirname))]
    .toSorted()
    .map((path) => ({ kind: 'folder', path: `app/${path}` }) satisfies LayerEntry);
  return [
    { kind: 'folder', path: 'app' },
    ...parents,
    ...entries,
    { kind: 'folder', path: 'app/node_modules/.bin' },
    { kind: 'link', path: 'app/node_modules/.bin/node', target: `../${node}/bin/node` },
  ];
}

const isNode = (name: string): boolean => /^node-(bin-)?(linux|darwin)-(x64|arm64)$/.test(name);
