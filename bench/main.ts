// `npm run bench -- allocator|extender|fairness|recovery|throughput|volumes [--json|--markdown]`: with --json one line per figure, else a table.
// Progress goes to standard error.
import { markdown, table, type BenchResult } from './figure.ts';
import { RECOVERY_FLAGS, parseRecoveryOptions } from './recovery/options.ts';
import { VOLUMES_FLAGS, parseVolumesOptions } from './volumes/options.ts';

/** Each is given the flags that are its own. */
const BENCHES: Readonly<Record<string, (flags: readonly string[]) => Promise<BenchResult>>> = {
  allocator: async () => (await import('./allocator/measure.ts')).benchAllocator((line) => console.error(line)),
  extender: async () => (await import('./extender/measure.ts')).benchExtender(),
  fairness: async () => (await import('./fairness/measure.ts')).benchFairness(),
  recovery: async (own) => {
    const options = parseRecoveryOptions(own);
    return (await import('./recovery/measure.ts')).benchRecovery(options, (line) => console.error(line));
  },
  throughput: async () => (await import('./throughput/measure.ts')).benchThroughput((line) => console.error(line)),
  volumes: async (own) => {
    const options = parseVolumesOptions(own);
    return (await import('./volumes/measure.ts')).benchVolumes(options, (line) => console.error(line));
  },
};

/** Of those that have some. */
const OWN_FLAGS: Readonly<Record<string, string>> = { recovery: RECOVERY_FLAGS, volumes: VOLUMES_FLAGS };

const FORMATS: ReadonlySet<string> = new Set(['--json', '--markdown']);

const [name = '', ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
const own = flags.filter((flag) => !FORMATS.has(flag));
if (bench === undefined || (own.length > 0 && OWN_FLAGS[name] === undefined)) {
  const names = Object.keys(BENCHES).join('|');
  const flagsOfTheirOwn = Object.entries(OWN_FLAGS).map(([each, its]) => `\n  ${each}: ${its}`);
  console.error(`usage: npm run bench -- ${names} [--json|--markdown]${flagsOfTheirOwn.join('')}`);
  process.exit(2);
}
const { figures, columns, rows, notes } = await bench(own);
if (flags.includes('--json')) {
  for (const each of figures) console.log(JSON.stringify(each));
} else if (flags.includes('--markdown')) {
  console.log(`${markdown(columns, rows)}\n\n${notes.join('\n\n')}`);
} else {
  console.log(`${table(columns, rows)}\n\n${notes.join('\n')}\n`);
  for (const { figure, value, unit, baseline, ratio } of figures)
    console.log(`${figure} ${value} ${unit} (baseline ${baseline}, ratio ${ratio})`);
}
