import { readFileSync } from 'node:fs';

/** What OpenSearch asks for before it listens where others can reach it. */
const NEEDED = 65_535;

/** Why OpenSearch cannot run in pods here; undefined when it can. Pods on an embedded node have the limits of who started it: ours. */
export function whyNoOpenSearch(): string | undefined {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1] ?? '';
  if (hard === 'unlimited' || Number(hard) >= NEEDED) return undefined;
  return `OpenSearch needs ${NEEDED} open files, and processes of this shell may have ${hard}: say \`ulimit -n ${NEEDED}\` as root first (where that is refused, root has no CAP_SYS_RESOURCE here, and OpenSearch cannot run in pods)`;
}
