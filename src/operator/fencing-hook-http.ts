import { readFile } from 'node:fs/promises';
import type { FencingRequest } from '../core/recovery/fencing-state.ts';

export interface FencingHookAddress {
  readonly url: string;
  /** A file with a bearer token, read for each request so that it may be renewed; undefined: none is sent. */
  readonly tokenPath: string | undefined;
}

/** An answer is a line or two. */
const MOST_BYTES = 65_536;

/**
 * POSTs the request as JSON, and answers the JSON that came back. Throws a sentence that says what was wrong: no connection, a status other
 * than 200, a redirection (the token would go elsewhere), or what is no JSON.
 */
export async function sendFencingRequest(
  { url, tokenPath }: FencingHookAddress,
  request: FencingRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const token = tokenPath === undefined ? undefined : (await readFile(tokenPath, 'utf8')).trim();
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const sent = { method: 'POST', headers, body: JSON.stringify(request), redirect: 'error', signal } as const;
  const response = await fetch(url, sent).catch((error: unknown) => {
    throw new Error(`it cannot be reached: ${reasonOf(error)}`, { cause: error });
  });
  const text = await readText(response);
  if (response.status !== 200) throw new Error(`it answered with status ${response.status}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('its answer is no JSON', { cause: error });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What fetch throws says nothing by itself. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
