import type { KubeObject } from '../app/plan.ts';

/** `none`: the app makes its own StatefulSet, or has one. `adopting`: this one, which is not ours yet, is to become it. */
export type Adoption =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'adopting'; readonly statefulSet: KubeObject };
