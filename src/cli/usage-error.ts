/** What was typed, or a file that was named, cannot be used: the message says what, where and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
