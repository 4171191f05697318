/** One measured number. `baseline` is the same thing done without Proffer in the same run, and `ratio` is value / baseline. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
}

/** What a benchmark found: figures with stable names, and a table for people. */
export interface BenchResult {
  readonly figures: readonly Figure[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What was measured and how, in a few lines. */
  readonly notes: readonly string[];
}

export function figure(bench: string, name: string, value: number, unit: string, baseline: number): Figure {
  return { bench, figure: name, value: round(value), unit, baseline: round(baseline), ratio: round(value / baseline) };
}

/** Columns padded to their widest cell, numbers to the right. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [line(columns), ...rows.map(line)].join('\n');
}

/** The same as a table of Markdown. */
export function markdown(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The value below which that share of the sorted samples lies, by the nearest rank. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
