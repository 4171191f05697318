/** The last line of `--json`. Null: the story did not come so far. */
export interface StorageSummary {
  readonly members: number;
  /** Members Ready at the end. */
  readonly ready: number;
  /** From `kubectl apply` to all members Ready. */
  readonly readySeconds: number | null;
  /** The claim, the file system and nobody's container: the first two larger, the last the same. */
  readonly grownOnline: boolean | null;
  readonly grownFrom: string | null;
  readonly grownTo: string | null;
  /** From the disk being full to the threshold to its being larger. */
  readonly growSeconds: number | null;
  /** Restarts of containers that nobody had asked for, and containers replaced before anybody scaled. */
  readonly podRestarts: number;
  /** From the AppBackup to its being ready. */
  readonly backupSeconds: number | null;
  /** Rows of all members that were committed when the backup was asked for. */
  readonly rowsAtSnapshot: number | null;
  /** How many of them are in the restored app, with the content that they were written with. */
  readonly rowsRestored: number | null;
  /** From the apply of the restored app to all of its members Ready. */
  readonly restoreSeconds: number | null;
  /** Lines that pg_amcheck complained in, over all restored members. */
  readonly amcheckComplaints: number | null;
  /** Pages whose checksum is wrong, over all volumes of both apps, as pg_checksums counted them. */
  readonly badChecksums: number | null;
  /** Claims of the app that are the same objects on the same volumes after 3 → 1 → 3, its deletion and its return. */
  readonly claimsKept: number | null;
  readonly sameClaim: boolean | null;
  /** Rows that were looked for on the volumes of members that went and came back. */
  readonly recordsWritten: number | null;
  readonly recordsReadBack: number | null;
  /** Writes of Proffer at the end, while nothing happened for so long. */
  readonly writesAtRest: number | null;
  readonly restSeconds: number | null;
  /** What did not come, in a sentence; empty: all came. */
  readonly missing: string;
}

export const NOTHING_YET: StorageSummary = {
  members: 3,
  ready: 0,
  readySeconds: null,
  grownOnline: null,
  grownFrom: null,
  grownTo: null,
  growSeconds: null,
  podRestarts: 0,
  backupSeconds: null,
  rowsAtSnapshot: null,
  rowsRestored: null,
  restoreSeconds: null,
  amcheckComplaints: null,
  badChecksums: null,
  claimsKept: null,
  sameClaim: null,
  recordsWritten: null,
  recordsReadBack: null,
  writesAtRest: null,
  restSeconds: null,
  missing: '',
};

/** Whether all went as told. */
export function isWell(summary: StorageSummary): boolean {
  const { members, ready, rowsAtSnapshot, rowsRestored, recordsWritten, recordsReadBack } = summary;
  const checks = [
    summary.missing === '',
    ready === members,
    summary.grownOnline === true,
    summary.podRestarts === 0,
    (rowsAtSnapshot ?? 0) > 0 && rowsRestored === rowsAtSnapshot,
    summary.amcheckComplaints === 0,
    summary.badChecksums === 0,
    summary.claimsKept === members && summary.sameClaim === true,
    (summary.writesAtRest ?? 0) === 0,
    (recordsWritten ?? 0) > 0 && recordsReadBack === recordsWritten,
  ];
  return checks.every(Boolean);
}
