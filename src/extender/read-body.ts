import type { IncomingMessage } from 'node:http';
import type { BufferPool } from './buffer-pool.ts';

/** A body that is longer than what is taken. Answered with status 413. */
export class BodyTooLargeError extends Error {
  readonly statusCode = 413;
}

/** The whole body, in a buffer of the pool. Rejects with BodyTooLargeError, and when the connection breaks. */
export function readBody(request: IncomingMessage, pool: BufferPool, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer = pool.take(Math.min(limit, Number(request.headers['content-length'] ?? 0)));
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      if (length + chunk.length > limit) {
        request.removeAllListeners('data').resume();
        reject(new BodyTooLargeError(`the request is longer than ${limit} bytes`));
        return;
      }
      if (length + chunk.length > buffer.length) buffer = moved(buffer, pool.take((length + chunk.length) * 2), pool);
      length += chunk.copy(buffer, length);
    });
    request.once('end', () => resolve(buffer.subarray(0, length)));
    request.once('error', reject);
  });
}

function moved(from: Buffer, to: Buffer, pool: BufferPool): Buffer {
  from.copy(to);
  pool.giveBack(from);
  return to;
}
