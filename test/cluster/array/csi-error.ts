import { status } from '@grpc/grpc-js';

export type CsiCode = keyof typeof status;

/** An answer to a CSI call that is not OK. The codes' meaning per call is settled by the CSI specification. */
export class CsiError extends Error {
  readonly code: CsiCode;
  constructor(code: CsiCode, message: string) {
    super(message);
    this.name = 'CsiError';
    this.code = code;
  }
}

/** The field's value; throws INVALID_ARGUMENT when the caller left it out. */
export function required(value: string | undefined, field: string): string {
  if (value === undefined || value === '') throw new CsiError('INVALID_ARGUMENT', `${field} is missing in the request`);
  return value;
}
