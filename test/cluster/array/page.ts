import { CsiError } from './csi-error.ts';
import type { PageRequest } from './csi-messages.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

/** One page of a list that is sorted by id. The token is the id of the last item shown, so that it stays right when items go. */
export function pageOf<T extends { readonly id: string }>(sorted: readonly T[], request: PageRequest): Page<T> {
  const { max_entries: most, starting_token: token } = request;
  if (token !== '' && !TOKEN.test(token)) throw new CsiError('ABORTED', `${token} is not a token of this list`);
  const after = token.slice(PREFIX.length);
  const rest = sorted.filter(({ id }) => token === '' || id > after);
  const items = most > 0 ? rest.slice(0, most) : rest;
  const last = items.at(-1);
  return { items, nextToken: last !== undefined && items.length < rest.length ? `${PREFIX}${last.id}` : '' };
}

const PREFIX = 'after-';
const TOKEN = new RegExp(`^${PREFIX}[a-z]+-[0-9a-f-]+$`);
