import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who talks to the API server. Each has a token of its own, so that the audit log and RBAC tell them apart. */
interface Identity {
  readonly user: string;
  readonly group: string;
}

const MASTERS = 'system:masters';

/** Names of the kubeconfig files; groups and users are those that kubeadm gives the same components. */
function identityOf(name: string): Identity {
  if (name.startsWith('node-')) return { user: `system:node:${name.slice('node-'.length)}`, group: 'system:nodes' };
  switch (name) {
    case 'controller-manager':
      return { user: 'system:kube-controller-manager', group: '' };
    case 'scheduler':
      return { user: 'system:kube-scheduler', group: '' };
    case 'kube-proxy':
      return { user: 'system:kube-proxy', group: '' };
    default:
      return { user: name, group: MASTERS };
  }
}

/** Creates the tokens and the key pair that signs service account tokens. The names become `kubeconfigPathOf(stateDir, name)`. */
export function createCredentials(stateDir: string, names: readonly string[]): void {
  mkdirSync(join(stateDir, 'pki'), { recursive: true, mode: 0o700 });
  const lines = names.map((name) => {
    const { user, group } = identityOf(name);
    const token = randomBytes(24).toString('hex');
    writeFileSync(tokenPath(stateDir, name), token, { mode: 0o600 });
    return `${token},${user},${user},"${group}"`;
  });
  writeFileSync(join(stateDir, 'pki', 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(stateDir, 'pki', 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(stateDir, 'pki', 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
}

const tokenPath = (stateDir: string, name: string): string => join(stateDir, 'pki', `${name}.token`);

/** The API server's self-signed certificate with the authority that signed it; it appears a second after the server's start. */
export const authorityPath = (stateDir: string): string => join(stateDir, 'pki', 'api', 'apiserver.crt');

export const kubeconfigPathOf = (stateDir: string, name: string): string =>
  join(stateDir, name === 'admin' ? 'kubeconfig' : `pki/${name}.kubeconfig`);

/** Writes the kubeconfig of one identity; the API server's certificate must exist. */
export function writeKubeconfig(stateDir: string, name: string, server: string): string {
  const token = readFileSync(tokenPath(stateDir, name), 'utf8');
  return writeKubeconfigWithToken(stateDir, kubeconfigPathOf(stateDir, name), server, token);
}

/** JSON is YAML, too. */
export function writeKubeconfigWithToken(stateDir: string, path: string, server: string, token: string): string {
  const authority = readFileSync(authorityPath(stateDir)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proffer', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'proffer', user: { token } }],
    contexts: [{ name: 'proffer', context: { cluster: 'proffer', user: 'proffer' } }],
    'current-context': 'proffer',
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
