/**
 * What programs print when a disk fails under them: the texts of EIO, EUCLEAN and ESTALE in glibc and musl (musl says "I/O error"), as Go,
 * Java and others repeat them. EROFS is not among them: a container's own root is read-only often enough, on purpose.
 */
const DISK_ERROR = /input\/output error|\bi\/o error\b|structure needs cleaning|stale (nfs )?file handle/i;

const READ_ONLY = /read-only file ?system/i;

export function hasDiskError(text: string): boolean {
  return DISK_ERROR.test(text) || READ_ONLY.test(text);
}

/**
 * The mount path that a text with a disk error names; undefined when it names none of them: then nobody knows which disk it is about. The
 * longest one wins, since one volume may be mounted below another.
 */
export function pathOfDiskError(text: string, mountPaths: readonly string[]): string | undefined {
  if (!hasDiskError(text)) return undefined;
  return mountPaths.filter((path) => path !== '/' && namesPath(text, path)).toSorted((a, b) => b.length - a.length)[0];
}

/** `/data` is in "/data/log: Input/output error", and not in "/database". */
function namesPath(text: string, path: string): boolean {
  const bare = path.replace(/\/+$/, '');
  for (let at = text.indexOf(bare); at >= 0; at = text.indexOf(bare, at + 1)) {
    const next = text[at + bare.length] ?? '';
    const before = text[at - 1] ?? '';
    if (!/[A-Za-z0-9_.-]/.test(next) && !/[A-Za-z0-9_./-]/.test(before)) return true;
  }
  return false;
}
