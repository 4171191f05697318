/** An object that a step wants to write belongs to somebody else. Nothing was written. */
export class NotOursError extends Error {
  override readonly name = 'NotOursError';
}
