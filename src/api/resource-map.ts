import { z } from 'zod';
import { quantity } from './quantity.ts';
import { rules } from './rules.ts';

const PLAIN_NAMES = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
const MESSAGE =
  'resource names are cpu, memory, ephemeral-storage, pods, or contain a slash: nvidia.com/gpu, storage.proffer.dev/<pool>, attach.proffer.dev/<driver>';

/** Amounts by resource name: Kubernetes' own, extended ones, and ours for pool bytes and attach slots. */
export function resourceMap() {
  return z
    .record(z.string().max(317), quantity())
    .refine((map) => Object.keys(map).length <= 64, 'at most 64 resources')
    .meta({
      maxProperties: 64,
      ...rules({
        rule: `self.all(name, name in [${PLAIN_NAMES.map((name) => `'${name}'`).join(', ')}] || name.contains('/'))`,
        message: MESSAGE,
      }),
    });
}
