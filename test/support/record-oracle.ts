// What became of records that a writer was told are safe. Pure.

/** A record as its writer numbered it, and the node it was written on. */
export interface NumberedRecord {
  readonly number: number;
  readonly node: string;
}

export interface RecordVerdict {
  readonly recordsAcknowledged: number;
  /** Acknowledged, and not there, or there as another node's. */
  readonly recordsLost: number;
  /** There more than once. */
  readonly recordsDoubled: number;
  /** There after one with a higher number: somebody wrote when it was no longer its turn. */
  readonly recordsOutOfOrder: number;
}

export const NO_RECORDS: RecordVerdict = {
  recordsAcknowledged: 0,
  recordsLost: 0,
  recordsDoubled: 0,
  recordsOutOfOrder: 0,
};

/** Judges one member: what it acknowledged, against what its volume holds now, line by line. */
export function judgeRecords(
  acknowledged: readonly NumberedRecord[],
  written: readonly NumberedRecord[],
): RecordVerdict {
  const nodesOf = new Map<number, string[]>();
  for (const { number, node } of written) nodesOf.set(number, [...(nodesOf.get(number) ?? []), node]);
  return {
    recordsAcknowledged: acknowledged.length,
    recordsLost: acknowledged.filter(({ number, node }) => nodesOf.get(number)?.includes(node) !== true).length,
    recordsDoubled: written.length - nodesOf.size,
    recordsOutOfOrder: written.filter(({ number }, index) => number < (written[index - 1]?.number ?? 0)).length,
  };
}

/** The verdicts of several members as one. */
export function addVerdicts(verdicts: readonly RecordVerdict[]): RecordVerdict {
  return verdicts.reduce(
    (sum, verdict) => ({
      recordsAcknowledged: sum.recordsAcknowledged + verdict.recordsAcknowledged,
      recordsLost: sum.recordsLost + verdict.recordsLost,
      recordsDoubled: sum.recordsDoubled + verdict.recordsDoubled,
      recordsOutOfOrder: sum.recordsOutOfOrder + verdict.recordsOutOfOrder,
    }),
    NO_RECORDS,
  );
}
