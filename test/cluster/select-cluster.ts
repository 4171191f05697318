import { useCurrentCluster } from './current.ts';
import { startCluster } from './embedded.ts';
import { startKindCluster } from './kind.ts';
import type { ClusterOptions, TestCluster } from './test-cluster.ts';

export type ClusterFlavour = TestCluster['flavour'];

const STARTERS: Readonly<Record<ClusterFlavour, (options: ClusterOptions) => Promise<TestCluster>>> = {
  embedded: startCluster,
  kind: startKindCluster,
  current: useCurrentCluster,
};

/** The flavour that `--cluster=` or PROFFER_CLUSTER names; embedded when neither does. Throws on any other word. */
export function flavourOf(text: string | undefined = process.env['PROFFER_CLUSTER']): ClusterFlavour {
  if (text === undefined || text === '') return 'embedded';
  if (!isFlavour(text))
    throw new Error(`There is no cluster "${text}"; it is one of ${Object.keys(STARTERS).join(', ')}.`);
  return text;
}

/** A cluster of that flavour. What a flavour cannot do throws when it is asked for, and says why. */
export function selectCluster(flavour: ClusterFlavour, options: ClusterOptions = {}): Promise<TestCluster> {
  return STARTERS[flavour](options);
}

const isFlavour = (text: string): text is ClusterFlavour => Object.hasOwn(STARTERS, text);
