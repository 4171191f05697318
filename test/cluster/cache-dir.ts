import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where built binaries and images are kept between runs: $PROFFER_CACHE, else $XDG_CACHE_HOME/proffer, else ~/.cache/proffer. */
export function cacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['PROFFER_CACHE'];
  if (own) return own;
  const xdg = environment['XDG_CACHE_HOME'];
  return xdg ? join(xdg, 'proffer') : join(homedir(), '.cache', 'proffer');
}
