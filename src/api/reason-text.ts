/** What a reason means in a few words, and what a person can do about it. Messages add the numbers. */
export interface ReasonText {
  readonly title: string;
  readonly advice: string;
}
