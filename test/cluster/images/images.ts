import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KUBERNETES_VERSION, TOOL_MODULES } from '../tool-modules.ts';
import { type Layer, type LayerEntry, entriesOf, writeLayer } from './layer.ts';
import type { Image, KnownLayer } from './oci-archive.ts';
import { REPOSITORY, packageEntries } from './production-packages.ts';

/** The image of pods' infrastructure containers, which containerd is told of. */
export const PAUSE_IMAGE = 'localhost/pause:1';
/** A shell and the small tools of Unix. */
export const BUSYBOX_IMAGE = 'localhost/busybox:1';
/** Proffer as it is in this working tree. */
export const PROFFER_IMAGE = 'localhost/proffer:dev';

const COMMANDS = [
  'sh',
  'ash',
  'cat',
  'cp',
  'date',
  'dd',
  'df',
  'echo',
  'env',
  'grep',
  'head',
  'hostname',
  'httpd',
  'id',
  'ls',
  'mkdir',
  'mount',
];
const MORE_COMMANDS = [
  'mv',
  'nc',
  'nslookup',
  'ps',
  'rm',
  'sleep',
  'sync',
  'tail',
  'test',
  'touch',
  'tr',
  'true',
  'uname',
  'wc',
  'wget',
];

/** The tools of Debian's busybox by their names, and what a container expects. */
function toolEntries(): readonly LayerEntry[] {
  return [
    { kind: 'folder', path: 'data' },
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ...[...COMMANDS, ...MORE_COMMANDS].map(
      (name) => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' }) as const,
    ),
    { kind: 'text', path: 'etc/passwd', text: 'root:x:0:0:root:/:/bin/sh\nnonroot:x:65532:65532:nonroot:/:/bin/sh\n' },
    { kind: 'text', path: 'etc/group', text: 'root:x:0:\nnonroot:x:65532:\n' },
    { kind: 'text', path: 'etc/nsswitch.conf', text: 'passwd: files\ngroup: files\nhosts: files dns\n' },
  ];
}

/** The version of etcd that is built, for instance `v3.7.3`. */
export function etcdVersion(): string {
  const goMod = readFileSync(join(TOOL_MODULES.kubernetes.folder, 'go.mod'), 'utf8');
  const version = /^\s*go\.etcd\.io\/etcd\/server\/v3 (v\S+)/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error('test/cluster/go.mod names no version of etcd');
  return version;
}

const binary = (path: string, source: string): LayerEntry => ({ kind: 'file', path, source, mode: 0o755 });

/** The layers of all images that don't change while one works on Proffer, written into the folder. */
export interface StableImages {
  readonly images: readonly Image[];
  /** What Proffer's own files are put on. */
  readonly profferBase: readonly Layer[];
}

/** Writes the layers into the folder. `toolsDir`: the built programs; `debian`: the base of all of them. */
export async function writeStableImages(folder: string, toolsDir: string, debian: Layer): Promise<StableImages> {
  const layer = (name: string, entries: readonly LayerEntry[]): Promise<Layer> =>
    writeLayer(join(folder, `${name}.tar`), entries);
  const tools = await layer('tools', toolEntries());
  const base = [debian, tools];
  const etcd = await layer('etcd', [
    binary('usr/local/bin/etcd', join(toolsDir, 'server')),
    { kind: 'link', path: 'bin/etcd', target: '/usr/local/bin/etcd' },
  ]);
  const scheduler = await layer('kube-scheduler', [
    binary('usr/local/bin/kube-scheduler', join(toolsDir, 'kube-scheduler')),
  ]);
  const packages = await layer('packages', packageEntries());
  const profferBase = [...base, packages];
  const images: readonly Image[] = [
    { names: [PAUSE_IMAGE], entrypoint: ['/bin/sleep', '1000000000'], layers: base },
    { names: [BUSYBOX_IMAGE], entrypoint: ['/bin/sh'], layers: base },
    {
      names: [`localhost/etcd:${etcdVersion()}`, `quay.io/coreos/etcd:${etcdVersion()}`],
      entrypoint: ['/usr/local/bin/etcd'],
      layers: [...base, etcd],
    },
    {
      names: [
        `localhost/kube-scheduler:v${KUBERNETES_VERSION}`,
        `registry.k8s.io/kube-scheduler:v${KUBERNETES_VERSION}`,
      ],
      entrypoint: ['/usr/local/bin/kube-scheduler'],
      layers: [...base, scheduler],
    },
    { names: ['localhost/proffer-base:dev'], entrypoint: ['/app/node_modules/.bin/node'], layers: profferBase },
  ];
  return { images, profferBase };
}

/** Proffer's sources on their base, as the Dockerfile puts them together. The base's layers are only named. */
export async function profferImage(layerPath: string, base: readonly KnownLayer[]): Promise<Image> {
  const folders = ['src', 'crds'].filter((name) => existsSync(join(REPOSITORY, name)));
  const own = await writeLayer(layerPath, [
    { kind: 'file', path: 'app/package.json', source: join(REPOSITORY, 'package.json') },
    ...folders.flatMap((name): readonly LayerEntry[] => [
      { kind: 'folder', path: `app/${name}` },
      ...entriesOf(join(REPOSITORY, name), `app/${name}`, (path) => !path.endsWith('.test.ts')),
    ]),
  ]);
  return {
    names: [PROFFER_IMAGE],
    entrypoint: ['/app/node_modules/.bin/node', '/app/src/main.ts'],
    cmd: ['help'],
    env: ['NODE_ENV=production'],
    user: '65532:65532',
    workingDir: '/app',
    layers: [...base, own],
  };
}
