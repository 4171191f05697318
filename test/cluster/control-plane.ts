import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { apiClient } from './api-client.ts';
import { GO_ENVIRONMENT, isRunning, logTail, startComponent } from './component.ts';
import { authorityPath, kubeconfigPathOf, writeKubeconfig } from './credentials.ts';
import { waitUntil } from './wait-until.ts';

/** What the control plane needs to know beside its addresses. */
export interface ControlPlaneOptions {
  readonly binDir: string;
  /** Address under which the API server can be reached, also from the nodes. */
  readonly advertiseIp: string;
  /** Who gets a kubeconfig. */
  readonly identities: readonly string[];
  /** Whether there are nodes that run containers. */
  readonly runsContainers: boolean;
}

export const auditLogPathOf = (stateDir: string): string => join(stateDir, 'audit.log');

/** Every write at metadata level, no reads: the witness for "no writes at rest". */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', verbs: ['get', 'list', 'watch'] }, { level: 'Metadata' }],
};

/** Pods of fake nodes serve nobody and read no file: who tells their addresses, and gives each namespace the authority, only costs. */
const FOR_CONTAINERS = [
  'endpoints-controller',
  'endpointslice-controller',
  'endpointslice-mirroring-controller',
  'root-ca-certificate-publisher-controller',
];

/** Identities of what runs beside the nodes. */
export const LOCAL_IDENTITIES = ['admin', 'controller-manager', 'scheduler', 'kwok', 'coredns', 'array'] as const;

/** Starts etcd, the API server and the controller manager, and returns when the API is ready. createCredentials came before. */
export async function startControlPlane(addresses: Addresses, options: ControlPlaneOptions): Promise<void> {
  const { stateDir, ports } = addresses;
  startEtcd(addresses, options.binDir);
  await waitUntil('etcd listening', () => accepts(ports.etcd), { timeoutSeconds: 30, everyMilliseconds: 25 });
  startApiServer(addresses, options);
  await waitUntil(
    'the API server writing its certificate',
    () => running(stateDir) && existsSync(authorityPath(stateDir)),
    {
      timeoutSeconds: 60,
      everyMilliseconds: 50,
    },
  );
  // The certificate that the server makes for itself names this address and the Service's, but not 127.0.0.1.
  const server = `https://${options.advertiseIp}:${ports.api}`;
  for (const name of options.identities) writeKubeconfig(stateDir, name, server);
  await waitForApi(stateDir);
  startControllerManager(addresses, options);
}

/** An API server that ended is said at once, with the end of its log. */
function running(stateDir: string): true {
  if (!isRunning(stateDir, 'kube-apiserver'))
    throw new Error(`kube-apiserver ended:\n${logTail(stateDir, 'kube-apiserver')}`);
  return true;
}

function startEtcd({ stateDir, ports }: Addresses, binDir: string): void {
  const client = `http://127.0.0.1:${ports.etcd}`;
  startComponent(stateDir, {
    name: 'etcd',
    command: join(binDir, 'server'),
    env: GO_ENVIRONMENT,
    args: [
      `--data-dir=${join(stateDir, 'etcd')}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
    ],
  });
}

function startApiServer(
  { stateDir, ports, serviceCidr }: Addresses,
  { binDir, advertiseIp }: ControlPlaneOptions,
): void {
  const policy = join(stateDir, 'audit-policy.json');
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY));
  const pki = (file: string): string => join(stateDir, 'pki', file);
  startComponent(stateDir, {
    name: 'kube-apiserver',
    command: join(binDir, 'kube-apiserver'),
    env: GO_ENVIRONMENT,
    args: [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      '--bind-address=0.0.0.0',
      `--secure-port=${ports.api}`,
      `--advertise-address=${advertiseIp}`,
      `--cert-dir=${pki('api')}`,
      `--token-auth-file=${pki('tokens.csv')}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--service-account-key-file=${pki('sa.pub')}`,
      `--service-account-signing-key-file=${pki('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-cluster-ip-range=${serviceCidr}`,
      // The kubelets' certificates are their own, and no name of theirs is in any DNS: exec and logs go by address.
      '--kubelet-preferred-address-types=InternalIP',
      // Webhooks behind a Service are called at the pods' addresses: no kube-proxy translates ClusterIPs for the machine itself.
      '--enable-aggregator-routing',
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${auditLogPathOf(stateDir)}`,
      '--audit-log-maxsize=1000',
    ],
  });
}

function startControllerManager({ stateDir, ports }: Addresses, { binDir, runsContainers }: ControlPlaneOptions): void {
  const needless = ['nodeipam', ...(runsContainers ? [] : FOR_CONTAINERS)];
  startComponent(stateDir, {
    name: 'kube-controller-manager',
    command: join(binDir, 'kube-controller-manager'),
    env: GO_ENVIRONMENT,
    args: [
      `--kubeconfig=${kubeconfigPathOf(stateDir, 'controller-manager')}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      `--cert-dir=${join(stateDir, 'pki', 'kcm')}`,
      `--service-account-private-key-file=${join(stateDir, 'pki', 'sa.key')}`,
      '--use-service-account-credentials',
      // Pods find this in their token volume: without it they wait for the volume for ever.
      `--root-ca-file=${authorityPath(stateDir)}`,
      `--controllers=*,${needless.map((name) => `-${name}`).join(',')}`,
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
  });
}

/** Also after a restart of the API server. */
export async function waitForApi(stateDir: string): Promise<void> {
  const client = apiClient(kubeconfigPathOf(stateDir, 'admin'), 5);
  try {
    await waitUntil(
      'the API server becoming ready',
      async () => running(stateDir) && (await client.send<string>('GET', '/readyz')) === 'ok',
      {
        timeoutSeconds: 60,
      },
    );
  } finally {
    client.close();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
