import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SNAPSHOT_CRDS } from './array/snapshot-crds.ts';

export const KUBERNETES_VERSION = '1.36.3';

/** Without these the API server calls itself v0.0.0-master, and Helm's kubeVersion check fails. */
const [major, minor] = KUBERNETES_VERSION.split('.');
const VERSION_PACKAGE = 'k8s.io/component-base/version';
export const LINKER_FLAGS = [
  '-s -w',
  `-X ${VERSION_PACKAGE}.gitVersion=v${KUBERNETES_VERSION}`,
  `-X ${VERSION_PACKAGE}.gitMajor=${major} -X ${VERSION_PACKAGE}.gitMinor=${minor}`,
].join(' ');

/**
 * Debug information is not even made, since LINKER_FLAGS drops it: a sixth of the compilers' time. The same flags for everything, so that
 * packages that several modules need are compiled once. They don't change the programs, and are no part of toolModuleHash.
 */
export const COMPILER_FLAGS: readonly string[] = [
  '-trimpath',
  '-buildvcs=false',
  '-pgo=off',
  '-gcflags=all=-dwarf=false',
];

export type ToolModuleName = 'kubernetes' | 'fakeNodes' | 'snapshots' | 'containerd' | 'karpenter';

/** A file of a Go module that is needed when the programs run. */
export interface RunTimeFile {
  readonly module: string;
  readonly path: string;
  /** Folder within `share/`; default: `share/` itself. */
  readonly folder?: string;
}

/** Programs of one Go module that are built together, when they are first needed. */
export interface ToolModule {
  readonly name: ToolModuleName;
  readonly folder: string;
  /** Packages of the module's programs; default: those of its `tool` lines. */
  readonly programs?: readonly string[];
  /** Go build tags. */
  readonly tags?: readonly string[];
  /** What a person reads while it builds. */
  readonly title: string;
  /** Copied to `share/` beside the binaries, so that a later start needs no Go. */
  readonly files: readonly RunTimeFile[];
  /** Programs that get another name after the build. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** What a cluster of real nodes with the array needs, and the clients that everybody needs. */
const KUBERNETES_PROGRAMS = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet'].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  ),
  'go.etcd.io/etcd/server/v3',
  'helm.sh/helm/v3/cmd/helm',
  'github.com/kubernetes-csi/external-attacher/v4/cmd/csi-attacher',
  'github.com/kubernetes-csi/external-provisioner/v6/cmd/csi-provisioner',
  'github.com/kubernetes-csi/external-resizer/v2/cmd/csi-resizer',
  './coredns',
];

const stage = (path: string): RunTimeFile => ({
  module: 'sigs.k8s.io/kwok',
  path: `kustomize/stage/${path}`,
  folder: 'kwok-stages',
});

/** What kwok does with nodes and pods. */
const KWOK_STAGES: readonly RunTimeFile[] = [
  stage('node/fast/node-initialize.yaml'),
  stage('node/heartbeat-with-lease/node-heartbeat-with-lease.yaml'),
  stage('pod/fast/pod-ready.yaml'),
  stage('pod/fast/pod-complete.yaml'),
  stage('pod/fast/pod-delete.yaml'),
];

/** What the array speaks. */
const PROTOCOLS: readonly RunTimeFile[] = [
  { module: 'github.com/container-storage-interface/spec', path: 'csi.proto' },
  { module: 'k8s.io/kubelet', path: 'pkg/apis/pluginregistration/v1/api.proto' },
];

const KARPENTER_CRDS: readonly RunTimeFile[] = [
  'pkg/apis/crds/karpenter.sh_nodeclaims.yaml',
  'pkg/apis/crds/karpenter.sh_nodeoverlays.yaml',
  'pkg/apis/crds/karpenter.sh_nodepools.yaml',
  'pkg/apis/crds/autoscaling.x-k8s.io_capacitybuffers.yaml',
  'kwok/apis/crds/karpenter.kwok.sh_kwoknodeclasses.yaml',
].map((path) => ({ module: 'sigs.k8s.io/karpenter', path, folder: 'karpenter-crds' }));

const here = import.meta.dirname;

export const TOOL_MODULES: Readonly<Record<ToolModuleName, ToolModule>> = {
  kubernetes: {
    name: 'kubernetes',
    folder: here,
    programs: KUBERNETES_PROGRAMS,
    title: `Kubernetes ${KUBERNETES_VERSION}, etcd, CoreDNS, Helm and the CSI sidecars`,
    files: PROTOCOLS,
  },
  fakeNodes: {
    name: 'fakeNodes',
    folder: here,
    programs: ['sigs.k8s.io/kwok/cmd/kwok'],
    title: 'kwok',
    files: KWOK_STAGES,
  },
  snapshots: {
    name: 'snapshots',
    folder: here,
    programs: ['csi-snapshotter', 'snapshot-controller'].map(
      (name) => `github.com/kubernetes-csi/external-snapshotter/v8/cmd/${name}`,
    ),
    title: 'the CSI sidecars for snapshots',
    files: Object.values(SNAPSHOT_CRDS),
  },
  containerd: {
    name: 'containerd',
    folder: join(here, 'containerd'),
    // Snapshotters that no node here uses.
    tags: ['no_aufs', 'no_btrfs', 'no_devmapper', 'no_zfs'],
    title: 'containerd',
    files: [],
  },
  // Its program is called like the fake nodes' one.
  karpenter: {
    name: 'karpenter',
    folder: join(here, 'karpenter'),
    title: 'Karpenter',
    files: KARPENTER_CRDS,
    rename: { kwok: 'karpenter' },
  },
};

/** Changes whenever the built binaries would. */
export function toolModuleHash(module: ToolModule): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module.folder, file)));
  for (const program of module.programs ?? []) {
    // A program of our own is one file.
    if (program.startsWith('./')) hash.update(readFileSync(join(module.folder, program, 'main.go')));
  }
  hash.update(LINKER_FLAGS);
  const { files, rename, programs, tags } = module;
  const chosen = programs === undefined && tags === undefined ? [] : [programs, tags];
  hash.update(JSON.stringify([files, rename, ...chosen]));
  return hash.digest('hex').slice(0, 16);
}

/** The newest `go` line of all tool modules: an older toolchain refuses to build them. */
export function neededGoVersion(): string {
  const versions = Object.values(TOOL_MODULES).map((module) => {
    const found = /^go (\d+\.\d+(?:\.\d+)?)$/m.exec(readFileSync(join(module.folder, 'go.mod'), 'utf8'));
    return found?.[1] ?? '0';
  });
  return versions.sort(compareVersions).at(-1) ?? '0';
}

/** Negative when a is older than b. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
