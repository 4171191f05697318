import { z } from 'zod';
import type { Immutable } from './immutable.ts';

export const OwnerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
});

/**
 * metadata as we read it. The API server owns its schema, so none of this reaches a CRD. What an object from the server always
 * has is required or defaults to empty; `generation` counts changes of the spec.
 */
export const ObjectMeta = z.object({
  name: z.string(),
  /** Empty for cluster-scoped objects. */
  namespace: z.string().default(''),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  generation: z.int().default(0),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).default([]),
  ownerReferences: z.array(OwnerReference).default([]),
});
export type ObjectMeta = Immutable<z.infer<typeof ObjectMeta>>;
