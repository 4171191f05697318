import type { Terminal } from './terminal.ts';

const GAP = '  ';

/**
 * Rows under each other, every column as wide as its widest cell; the last one is cut where the terminal ends. Columns that are empty in
 * every row are left out, heading and all.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { width }: Terminal,
): readonly string[] {
  if (rows.length === 0) return [];
  const kept = headings.map((_, at) => at).filter((at) => rows.some((row) => (row[at] ?? '') !== ''));
  const all = [headings, ...rows].map((row) => kept.map((at) => row[at] ?? ''));
  const widths = kept.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) => {
    const cells = row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)));
    return cut(`${GAP}${cells.join(GAP)}`.trimEnd(), width);
  });
}

function cut(line: string, width: number | undefined): string {
  return width === undefined || line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
