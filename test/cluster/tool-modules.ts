import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const KUBERNETES_VERSION = '1.36.3';

/** Without these the API server calls itself v0.0.0-master, and Helm's kubeVersion check fails. */
const [major, minor] = KUBERNETES_VERSION.split('.');
const VERSION_PACKAGE = 'k8s.io/component-base/version';
export const LINKER_FLAGS = [
  '-s -w',
  `-X ${VERSION_PACKAGE}.gitVersion=v${KUBERNETES_VERSION}`,
  `-X ${VERSION_PACKAGE}.gitMajor=${major} -X ${VERSION_PACKAGE}.gitMinor=${minor}`,
].join(' ');

export type ToolModuleName = 'kubernetes' | 'containerd' | 'coredns' | 'karpenter';

/** A file of a Go module that is needed when the programs run. */
export interface RunTimeFile {
  readonly module: string;
  readonly path: string;
  /** Folder within `share/`; default: `share/` itself. */
  readonly folder?: string;
}

/** A Go module whose `tool` lines name the programs to build. */
export interface ToolModule {
  readonly name: ToolModuleName;
  readonly folder: string;
  /** What a person reads while it builds. */
  readonly title: string;
  /** Copied to `share/` beside the binaries, so that a later start needs no Go. */
  readonly files: readonly RunTimeFile[];
  /** Programs that get another name after the build. */
  readonly rename?: Readonly<Record<string, string>>;
}

const stage = (path: string): RunTimeFile => ({
  module: 'sigs.k8s.io/kwok',
  path: `kustomize/stage/${path}`,
  folder: 'kwok-stages',
});

const snapshotCrd = (kind: string): RunTimeFile => ({
  module: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
  path: `config/crd/snapshot.storage.k8s.io_${kind}.yaml`,
});

/** What kwok does with nodes and pods, and what the array speaks. */
const RUN_TIME_FILES: readonly RunTimeFile[] = [
  stage('node/fast/node-initialize.yaml'),
  stage('node/heartbeat-with-lease/node-heartbeat-with-lease.yaml'),
  stage('pod/fast/pod-ready.yaml'),
  stage('pod/fast/pod-complete.yaml'),
  stage('pod/fast/pod-delete.yaml'),
  { module: 'github.com/container-storage-interface/spec', path: 'csi.proto' },
  { module: 'k8s.io/kubelet', path: 'pkg/apis/pluginregistration/v1/api.proto' },
  snapshotCrd('volumesnapshotclasses'),
  snapshotCrd('volumesnapshotcontents'),
  snapshotCrd('volumesnapshots'),
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
    title: `Kubernetes ${KUBERNETES_VERSION}, etcd, kwok, Helm and the CSI sidecars`,
    files: RUN_TIME_FILES,
  },
  containerd: { name: 'containerd', folder: join(here, 'containerd'), title: 'containerd', files: [] },
  coredns: { name: 'coredns', folder: join(here, 'coredns'), title: 'CoreDNS', files: [] },
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
  hash.update(LINKER_FLAGS);
  hash.update(JSON.stringify([module.files, module.rename]));
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
