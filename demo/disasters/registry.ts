// Every disaster by the name that `--disaster` takes.
import { apiOutage } from './api-outage.ts';
import { arrayRebuild } from './array-rebuild.ts';
import type { Disaster } from './disaster.ts';
import { diskLoss } from './disk-loss.ts';
import { diskReadonly } from './disk-readonly.ts';
import { drain } from './drain.ts';
import { nodeLoss } from './node-loss.ts';
import { partition } from './partition.ts';
import { powerCut } from './power-cut.ts';
import { zoneLoss } from './zone-loss.ts';

export const DISASTERS = {
  'node-loss': nodeLoss,
  'power-cut': powerCut,
  partition,
  'disk-loss': diskLoss,
  'disk-readonly': diskReadonly,
  'array-rebuild': arrayRebuild,
  'zone-loss': zoneLoss,
  drain,
  'api-outage': apiOutage,
} as const satisfies Readonly<Record<string, Disaster>>;

export type DisasterName = keyof typeof DISASTERS;

export function isDisaster(name: string): name is DisasterName {
  return Object.hasOwn(DISASTERS, name);
}
