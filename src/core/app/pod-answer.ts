/** What the API server says to one more pod of the app, asked because some are missing. */
export interface PodAnswer {
  /** In its own words; undefined: it takes the pod. */
  readonly problem: string | undefined;
  /** Since when it takes what it had refused, epoch seconds; undefined: it did not refuse any before, or still does. */
  readonly takenSinceSeconds?: number | undefined;
}
