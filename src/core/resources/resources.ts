/**
 * Amounts by resource name, as Kubernetes names them. Units: `cpu` in millicores; `memory`, `ephemeral-storage` and
 * `storage.proffer.dev/<pool>` in bytes; `pods`, extended resources and `attach.proffer.dev/<driver>` as counts.
 * All values are non-negative integers below 2^53; an absent name is 0.
 */
export type Resources = Readonly<Record<string, number>>;
