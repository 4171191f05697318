import { type BenchResult, figure } from '../figure.ts';
import type { Calls } from './api-calls.ts';
import { type Layout, VOLUMES } from './layout.ts';
import { type Witness, fullestShare } from './witness.ts';

/** One measured run: from the first object until the last volume is attached. */
export interface Run {
  readonly members: number;
  readonly seconds: number;
  readonly calls: Calls;
}

export interface Measured {
  readonly layout: Layout;
  readonly plain: Run;
  readonly members: Run;
  readonly witness: Witness;
}

const rate = (run: Run): number => run.members / run.seconds;
const calls = (run: Run): number => run.calls.all / run.members;
const writes = (run: Run): number => [...run.calls.writes.values()].reduce((sum, one) => sum + one, 0) / run.members;

export function report({ layout, plain, members, witness }: Measured): BenchResult {
  const names = [...new Set([...members.calls.writes.keys(), ...plain.calls.writes.keys()])].toSorted();
  const writer = (name: string) => [
    `writes per member: ${name}`,
    ...[members, plain].map((run) => ((run.calls.writes.get(name) ?? 0) / run.members).toFixed(1)),
  ];
  return {
    figures: [
      figure('volumes', 'members_per_second', rate(members), 'members/s', rate(plain)),
      figure('volumes', 'api_calls_per_member', calls(members), 'calls', calls(plain)),
      figure('volumes', 'writes_per_member', writes(members), 'calls', writes(plain)),
    ],
    columns: [`${VOLUMES.length} volumes each`, 'with Proffer', 'plain StatefulSets'],
    rows: [
      ['members', `${members.members}`, `${plain.members}`],
      ['seconds until all is attached', members.seconds.toFixed(1), plain.seconds.toFixed(1)],
      ['members per second', rate(members).toFixed(1), rate(plain).toFixed(1)],
      ['API calls per member', calls(members).toFixed(1), calls(plain).toFixed(1)],
      ['writes per member', writes(members).toFixed(1), writes(plain).toFixed(1)],
      ...names.map(writer),
    ],
    notes: [
      `${layout.nodes} fake nodes in ${layout.zones} zones, ${layout.pools.length} pools per zone; provisioner, attacher and array are real.`,
      `Looked at ${witness.samples} times: no zone was promised more than it has, at most ${fullestShare(layout, witness.fullestZone)}; no node had more than ${witness.fullestNode} volumes; no claim was lost; the array refused nothing.`,
      `An app of ${layout.surplus} members came last, with room for ${layout.surplus - 1}, and got no slot.`,
      'API calls are all but watches, heartbeats of nodes and leaders, and what the benchmark asks itself.',
    ],
  };
}
