// `npm test`: the checks, then every tier of tests; says how many tests of each tier ran, and at the end again what failed. A line tells of each
// file that is done. Ends with `N passed, N failed` (and what was skipped, with the reason). `npm test -- unit laws` runs just these tiers.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureText } from '../scripts/progress-reporter.ts';
import { type Outcome, addedUp, outcomesOf, readEvents } from '../scripts/test-outcomes.ts';
import { LATE_FILES, ROUNDS, TIERS, isTier, type Tier } from './tiers.ts';

const REAL_CLUSTER_TIERS: ReadonlySet<Tier> = new Set(['integration', 'faults', 'e2e']);
/** scripts/jest.ts bounds Jest; this is for what comes before and after. */
const GRACE_SECONDS = 90;

/** Why a tier cannot run here; undefined when it can. A skipped tier is never silent. */
function whyNot(tier: Tier): string | undefined {
  if (!REAL_CLUSTER_TIERS.has(tier)) return undefined;
  if (process.platform !== 'linux') return 'the embedded cluster needs Linux';
  if (process.getuid?.() !== 0)
    return 'the embedded cluster needs root (network namespaces, mounts); run as root, or use a container with privileges';
  return undefined;
}

function runChecks(): Outcome {
  console.log('── check ──');
  const started = performance.now();
  const run = spawnSync(process.execPath, ['scripts/check.ts'], { encoding: 'utf8', timeout: 120_000 });
  process.stdout.write(run.stdout);
  const last = /(\d+) passed, (\d+) failed/.exec(run.stdout);
  const seconds = (performance.now() - started) / 1000;
  if (last === null) {
    const failures = [{ name: 'scripts/check.ts', message: run.stderr.trim() || 'it did not come to its end' }];
    return { name: 'check', passed: 0, failed: 1, skipped: 0, note: '', seconds, failures };
  }
  const [passed, failed] = [Number(last[1]), Number(last[2])];
  const failures = failed === 0 ? [] : [{ name: 'scripts/check.ts', message: run.stdout.trim() }];
  return { name: 'check', passed, failed, skipped: 0, note: '', seconds, failures };
}

/** Whether the integration tests have files that wait for the round of the real nodes (LATE_FILES). */
function haveLateFiles(wanted: readonly string[]): boolean {
  return (['integration', 'e2e'] as const).every(
    (tier) => (wanted.length === 0 || wanted.includes(tier)) && whyNot(tier) === undefined,
  );
}

/** What scripts/jest.ts is told about the late files, and whose tests a round has. */
function lateFilesOf(tiers: readonly Tier[]): { readonly args: readonly string[]; readonly tiers: readonly Tier[] } {
  if (tiers.includes('integration')) {
    return { tiers, args: [`--testPathIgnorePatterns=/(${LATE_FILES.join('|')})\\.test\\.ts$`] };
  }
  if (!tiers.includes('e2e')) return { tiers, args: [] };
  const args = LATE_FILES.map((file) => `--testMatch=<rootDir>/test/${file}.test.ts`);
  return { tiers: [...tiers, 'integration'], args };
}

async function runRound(tiers: readonly Tier[], folder: string, withLate: boolean): Promise<readonly Outcome[]> {
  const here = tiers.filter((tier) => whyNot(tier) === undefined);
  const notHere = tiers
    .filter((tier) => whyNot(tier) !== undefined)
    .map((tier) => ({
      name: tier,
      passed: 0,
      failed: 0,
      skipped: 1,
      note: `not run: ${whyNot(tier)}`,
      seconds: 0,
      failures: [],
    }));
  if (here.length === 0) return notHere;
  console.log(`\n── ${here.join(' and ')} ──`);
  const started = performance.now();
  const events = join(folder, `${here.join('-')}.events`);
  const late = withLate ? lateFilesOf(here) : { tiers: here, args: [] };
  const status = await runJest(here, events, late.args);
  const outcomes = outcomesOf(late.tiers, readEvents(events), status);
  console.log(`     ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return [...outcomes, ...notHere];
}

/** Jest's exit status, or in words why it has none. What Jest and the tests print goes to standard error. */
function runJest(tiers: readonly Tier[], events: string, args: readonly string[]): Promise<number | string> {
  const seconds = Math.max(...tiers.map((tier) => TIERS[tier].timeoutSeconds)) + GRACE_SECONDS;
  const reporter = join(import.meta.dirname, '..', 'scripts', 'progress-reporter.ts');
  const jest = spawn(process.execPath, ['scripts/jest.ts', tiers.join(','), `--reporters=${reporter}`, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PROFFER_TEST_EVENTS: events },
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      jest.kill('SIGTERM');
      resolve(`did not end in ${seconds} s and was ended`);
    }, seconds * 1000);
    jest.on('error', (error) => resolve(String(error)));
    jest.on('exit', (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? `was ended by ${signal}`);
    });
  });
}

function printFailures(outcomes: readonly Outcome[]): void {
  for (const { name, failures } of outcomes) {
    if (failures.length > 0) console.log(`\nFailed in ${name}:\n${failures.map(failureText).join('\n')}`);
  }
}

function printTotals(outcomes: readonly Outcome[]): boolean {
  console.log('');
  for (const { name, passed, failed, skipped, note, seconds } of outcomes) {
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    console.log(`${name.padEnd(12)} ${counts.padEnd(36)} ${seconds.toFixed(1).padStart(7)} s  ${note}`);
  }
  const sum = (pick: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0);
  const skipped = sum((outcome) => outcome.skipped);
  const failed = sum((outcome) => outcome.failed);
  console.log(`${sum((o) => o.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0;
}

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!isTier(name)) {
    console.error(`There is no tier "${name}". Tiers: ${Object.keys(TIERS).join(', ')}.`);
    process.exit(2);
  }
}
const folder = mkdtempSync(join(tmpdir(), 'proffer-test-'));
const outcomes: Outcome[] = wanted.length === 0 ? [runChecks()] : [];
const withLate = haveLateFiles(wanted);
for (const round of ROUNDS) {
  const tiers = round.filter((tier) => wanted.length === 0 || wanted.includes(tier));
  outcomes.push(...(await runRound(tiers, folder, withLate)));
}
rmSync(folder, { recursive: true, force: true });
const all = addedUp(outcomes);
printFailures(all);
process.exit(printTotals(all) ? 0 : 1);
