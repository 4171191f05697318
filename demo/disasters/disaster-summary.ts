import type { RecordVerdict } from '../../test/support/record-oracle.ts';
import type { Outcome } from './disaster.ts';
import type { TimelineEntry } from './timeline.ts';

/** What became of the plain StatefulSet's pod on the same node. */
export interface PlainOutcome {
  readonly pod: string;
  /** Null: never within `waitedSeconds`. */
  readonly readySeconds: number | null;
  /** What the API server says of it at the end. */
  readonly state: string;
  readonly waitedSeconds: number;
}

/** The last line of `--json`. Seconds count from the disaster; null: it did not happen. */
export interface DisasterSummary extends Omit<RecordVerdict, 'recordsOutOfOrder'> {
  readonly disaster: string;
  readonly expects: Outcome;
  readonly node: string;
  readonly member: string;
  /** Null: the app keeps no order. */
  readonly recordsOutOfOrder: number | null;
  /** Until the status told of the recovery, or of the broken volume. */
  readonly detectedSeconds: number | null;
  /** Until the member's new pod was bound: to another node, but where its disk alone was hit. */
  readonly boundSeconds: number | null;
  /** Until it was Ready there. */
  readonly readySeconds: number | null;
  /** How often a member of the app was bound to another node than before. */
  readonly moves: number;
  /** Pairs of nodes that could write to one volume at the same time, by the array's own record. */
  readonly twoWriters: number;
  /** Writes that the cut-off pod tried when its volume was elsewhere, and how many of them failed. Absent: nothing ran there, or nothing was cut off. */
  readonly fencedWritesTried?: number;
  readonly fencedWritesRefused?: number;
  /** Whether such a write is on the volume all the same. */
  readonly lateWritesFound?: boolean;
  /** What did not come, in a sentence; empty: all came. */
  readonly missing: string;
  readonly plain?: PlainOutcome;
  readonly timeline: readonly TimelineEntry[];
}

/** Whether data is as it must be after anything: all that was acknowledged, once, in order, never two writers, and nothing written late. */
export function isDataWell(summary: DisasterSummary): boolean {
  const { recordsAcknowledged, recordsLost, recordsDoubled, recordsOutOfOrder, twoWriters } = summary;
  const { fencedWritesTried = 0, fencedWritesRefused = 0 } = summary;
  if (fencedWritesTried > fencedWritesRefused || summary.lateWritesFound === true) return false;
  return recordsAcknowledged > 0 && recordsLost + recordsDoubled + (recordsOutOfOrder ?? 0) + twoWriters === 0;
}

/** Whether what should come of the disaster came of it. */
export function isWell(summary: DisasterSummary): boolean {
  if (!isDataWell(summary)) return false;
  return summary.expects === 'nothing' ? summary.moves === 0 : summary.missing === '';
}
