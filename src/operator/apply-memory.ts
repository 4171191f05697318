import { differs } from '../core/app/differs.ts';
import { intentHash } from '../core/app/intent-hash.ts';
import type { KubeObject } from '../kube/kube-object.ts';

interface Applied {
  readonly intent: string;
  readonly uid: string | undefined;
  /** What the API server made of it. */
  readonly outcome: string;
  /** The version of our own write: what the cache shows before it has caught up is older. */
  readonly resourceVersion: string | undefined;
}

/** What to do about an object that seems to differ from what we want. */
export type ApplyVerdict = 'apply' | 'as wanted' | 'cache is behind' | 'stored otherwise';

/**
 * What we applied last, per object, so that a field which the API server normalises (a quantity, a defaulted entry) cannot make us
 * apply for ever: the same intent on the same live content is not sent twice. Forgets all at a restart, which costs one apply at most.
 */
export class ApplyMemory {
  readonly #applied = new Map<string, Applied>();

  /** Whether sending `desired` can change anything, seen that the cache holds `live`. */
  judge(key: string, desired: KubeObject, live: KubeObject | undefined): ApplyVerdict {
    const before = this.#applied.get(key);
    if (before === undefined || live === undefined) return 'apply';
    if (before.intent !== intentHash(desired) || before.uid !== live.metadata.uid) return 'apply';
    // The plan may be made of what the cache showed before it caught up.
    if (before.outcome === contentHash(live)) return differs(desired, live) ? 'stored otherwise' : 'as wanted';
    return isOlder(live.metadata.resourceVersion, before.resourceVersion) ? 'cache is behind' : 'apply';
  }

  /** Remembers what the API server answered to an apply. */
  remember(key: string, desired: KubeObject, answer: KubeObject): void {
    this.#applied.set(key, {
      intent: intentHash(desired),
      uid: answer.metadata.uid,
      outcome: contentHash(answer),
      resourceVersion: answer.metadata.resourceVersion,
    });
  }

  forget(key: string): void {
    this.#applied.delete(key);
  }
}

/** What of an object is ours to want: everything but status and what the API server counts and stamps. */
function contentHash(object: KubeObject): string {
  const { status: _status, metadata, ...rest } = object;
  const { labels, annotations, ownerReferences } = metadata;
  return intentHash({ ...rest, labels, annotations, ownerReferences });
}

/** Resource versions grow like whole numbers (promised since Kubernetes 1.35, so since ever with etcd). Unknown counts as not older. */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return BigInt(a) < BigInt(b);
}
