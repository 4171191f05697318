import type { Reason } from '../../../api/reasons.ts';
import { showAmount } from '../../resources/show-amount.ts';
import type { ClusterView } from '../../view/cluster-view.ts';
import type { Amount } from '../../view/columns.ts';
import type { Scratch } from '../../view/scratch.ts';
import type { Measure, Tell } from '../tell.ts';

const REASONS: Readonly<Record<string, Reason>> = {
  cpu: 'InsufficientCPU',
  memory: 'InsufficientMemory',
  'ephemeral-storage': 'InsufficientEphemeralStorage',
  pods: 'TooManyPods',
};

/** Every requested resource is free. */
export function resourcesFit(scratch: Scratch, row: number, { columns, values }: Amount): boolean {
  const { free, stride } = scratch;
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i] ?? 0;
    if (column >= stride || (values[i] ?? 0) > (free[row * stride + column] ?? 0)) return false;
  }
  return true;
}

/** Tells every resource of which too little is free. */
export function tellResources(view: ClusterView, scratch: Scratch, row: number, amount: Amount, tell: Tell): void {
  const { columns, values } = amount;
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i] ?? 0;
    const needed = values[i] ?? 0;
    const free = Math.max(0, scratch.freeAt(row, column));
    if (needed <= free) continue;
    const what = view.nodeTable.columns.name(column);
    const measure = { what, needed, free };
    tell(REASONS[what] ?? 'InsufficientExtendedResource', () => sayLack(measure), measure);
  }
}

function sayLack({ what, needed, free }: Measure): string {
  const unit = REASONS[what] === undefined || what === 'ephemeral-storage' ? ` ${what}` : '';
  return `needs ${showAmount(what, needed)}${unit}, ${showAmount(what, free)} free`;
}
