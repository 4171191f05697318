const LABELS: Readonly<Record<string, string>> = {
  '@hostname': 'kubernetes.io/hostname',
  '@zone': 'topology.kubernetes.io/zone',
  '@region': 'topology.kubernetes.io/region',
};

/** The node label that a constraint's key stands for. */
export function nodeLabel(key: string): string {
  return LABELS[key] ?? key;
}
