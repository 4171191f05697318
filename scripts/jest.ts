// Runs one tier of tests: node scripts/jest.ts TIER[,TIER...] [path pattern...] [jest options]. The tiers are the keys of TIERS; patterns narrow
// the tier to the files whose path matches one of them. Several tiers share the workers of the last one. test/run.ts runs all tiers.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { times } from '../test/support/law-runs.ts';
import { TIERS, isTier, type TierSettings } from '../test/tiers.ts';

const [names = '', ...rest] = process.argv.slice(2);
const tiers = names.split(',').filter(isTier);
const last: TierSettings | undefined = tiers.map((tier) => TIERS[tier]).at(-1);
if (last === undefined || tiers.length !== names.split(',').length) {
  console.error(`usage: node scripts/jest.ts ${Object.keys(TIERS).join('|')} [path pattern...] [jest options]`);
  process.exit(2);
}
const settings: readonly TierSettings[] = tiers.map((tier) => TIERS[tier]);
// Those whose tests start programs by the dozen.
if (tiers.some((tier) => tier !== 'unit' && tier !== 'laws')) {
  spawnSync(process.execPath, [join(import.meta.dirname, 'warm-programs.ts')], { stdio: 'inherit', timeout: 60_000 });
}
const isNarrowed = rest.some((arg) => !arg.startsWith('-'));
const globs = settings.flatMap(({ files, together }) => (isNarrowed ? files : (together ?? files)));
const seconds = Math.max(...settings.map(({ timeoutSeconds }) => timeoutSeconds)) * times();
// A process group of its own: Jest's workers do not notice when Jest is killed, and would keep their clusters for ever.
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...globs.map((glob) => `--testMatch=<rootDir>/${glob}`),
    ...last.flags,
    ...rest,
  ],
  { stdio: 'inherit', detached: true },
);
/** As timeout(1) has it. */
const OUT_OF_TIME = 124;
let exitCode: number | undefined;
function end(why: string): void {
  console.error(`\n${why}: Jest is ended, and its workers with it.`);
  if (jest.pid !== undefined) process.kill(-jest.pid, 'SIGKILL');
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal));
const timer = setTimeout(() => {
  exitCode = OUT_OF_TIME;
  end(`The tests of ${names} did not end in ${seconds} s`);
}, seconds * 1000);
jest.on('error', (error) => console.error(String(error)));
jest.on('close', (code) => {
  clearTimeout(timer);
  process.exit(exitCode ?? code ?? 1);
});
