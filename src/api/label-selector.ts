import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { text } from './text.ts';

const labelValue = () => text(63);

/** A Kubernetes label selector. Everything in it must hold; an empty one admits everything. */
export const LabelSelector = z.object({
  matchLabels: z
    .record(z.string().max(317), labelValue())
    .optional()
    .describe('Labels that must have exactly these values.'),
  matchExpressions: z
    .array(
      z.object({
        key: text(317).describe('The label.'),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How `values` are compared.'),
        values: z.array(labelValue()).max(64).optional().describe('For In and NotIn: the values.'),
      }),
    )
    .max(32)
    .optional()
    .describe('Requirements on labels.'),
});
export type LabelSelector = Immutable<z.infer<typeof LabelSelector>>;
