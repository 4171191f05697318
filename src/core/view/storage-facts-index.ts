import type { StoragePool } from '../../api/storage-pool.ts';
import type { ClaimFacts, StorageClassFacts, VolumeFacts } from '../facts/storage-facts.ts';

/** "namespace/name", the key of a namespaced object in every store. */
export function claimKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Claims, volumes, classes and pools as they are, and what follows from one about another. */
export class StorageFactsIndex {
  readonly #claims = new Map<string, ClaimFacts>();
  readonly #claimsNaming = new Map<string, Set<string>>();
  readonly volumes = new Map<string, VolumeFacts>();
  readonly classes = new Map<string, StorageClassFacts>();
  readonly pools = new Map<string, StoragePool>();

  claim(key: string): ClaimFacts | undefined {
    return this.#claims.get(key);
  }

  setClaim(key: string, claim: ClaimFacts | undefined): void {
    const before = this.#claims.get(key)?.volumeName ?? '';
    if (before !== '') this.#claimsNaming.get(before)?.delete(key);
    if (this.#claimsNaming.get(before)?.size === 0) this.#claimsNaming.delete(before);
    if (claim === undefined) this.#claims.delete(key);
    else this.#claims.set(key, claim);
    const after = claim?.volumeName ?? '';
    if (after === '') return;
    this.#claimsNaming.set(after, (this.#claimsNaming.get(after) ?? new Set<string>()).add(key));
  }

  /** Claims that say they are bound to this volume, and the claim that the volume says it is bound to. */
  claimsAbout(volume: VolumeFacts): ReadonlySet<string> {
    const claims = new Set(this.#claimsNaming.get(volume.name));
    return volume.claim === undefined ? claims : claims.add(claimKey(volume.claim.namespace, volume.claim.name));
  }

  /** The StorageClass of a pool; undefined when there is no such pool, or its class was not made yet. */
  classOfPool(name: string): string | undefined {
    const pool = this.pools.get(name);
    return pool === undefined ? undefined : classNameOf(pool);
  }

  /** The class that a volume is made with: the one it names, else its pool's; empty when neither is known. */
  classOf(volume: { readonly storageClassName: string; readonly pool: string }): string {
    return volume.storageClassName !== '' ? volume.storageClassName : (this.classOfPool(volume.pool) ?? '');
  }

  /** The PersistentVolume that a claim is bound to; undefined when it is not bound or the volume is not known. */
  volumeOfClaim(key: string): VolumeFacts | undefined {
    const claim = this.#claims.get(key);
    return claim === undefined ? undefined : this.volumes.get(claim.volumeName);
  }

  /** The CSI driver that attaches the claim's volume; for a claim that does not exist, that of the class it will have. */
  driverOf(key: string, storageClassName: string): string | undefined {
    const claim = this.#claims.get(key);
    const volume = claim === undefined ? undefined : this.volumes.get(claim.volumeName);
    if (volume !== undefined) return volume.driver === '' ? undefined : volume.driver;
    return this.classes.get(claim?.storageClassName ?? storageClassName)?.provisioner;
  }

  claimOfVolume(volumeName: string): string | undefined {
    const claim = this.volumes.get(volumeName)?.claim;
    return claim === undefined ? undefined : claimKey(claim.namespace, claim.name);
  }
}

/** The StorageClass of a pool: the one it names, else the one made for it; undefined when that is not made yet. */
export function classNameOf(pool: StoragePool): string | undefined {
  const made = pool.status?.storageClassName ?? '';
  return pool.spec.storageClassName ?? (made === '' ? undefined : made);
}
