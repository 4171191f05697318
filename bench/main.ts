// `npm run bench -- allocator|extender|fairness|throughput [--json]`: with --json one line per figure, else a table. Progress goes to standard error.
import { table, type BenchResult } from './figure.ts';

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  allocator: async () => (await import('./allocator/measure.ts')).benchAllocator((line) => console.error(line)),
  extender: async () => (await import('./extender/measure.ts')).benchExtender(),
  fairness: async () => (await import('./fairness/measure.ts')).benchFairness(),
  throughput: async () => (await import('./throughput/measure.ts')).benchThroughput((line) => console.error(line)),
};

const [name = '', ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined || flags.some((flag) => flag !== '--json')) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--json]`);
  process.exit(2);
}
const { figures, columns, rows, notes } = await bench();
if (flags.includes('--json')) {
  for (const each of figures) console.log(JSON.stringify(each));
} else {
  console.log(`${table(columns, rows)}\n\n${notes.join('\n')}\n`);
  for (const { figure, value, unit, baseline, ratio } of figures)
    console.log(`${figure} ${value} ${unit} (baseline ${baseline}, ratio ${ratio})`);
}
