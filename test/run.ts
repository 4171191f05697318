// `npm test`: the checks, then every tier of tests, one after another; says how many tests of each tier ran.
// Ends with `N passed, N failed` (and what was skipped, with the reason). `npm test -- unit laws` runs just these tiers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TIERS, isTier, type Tier } from './tiers.ts';

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly note: string;
  readonly seconds: number;
}

const REAL_CLUSTER_TIERS: ReadonlySet<Tier> = new Set(['integration', 'faults', 'e2e']);

/** Why a tier cannot run here; undefined when it can. A skipped tier is never silent. */
function whyNot(tier: Tier): string | undefined {
  if (!REAL_CLUSTER_TIERS.has(tier)) return undefined;
  if (process.platform !== 'linux') return 'the embedded cluster needs Linux';
  if (process.getuid?.() !== 0)
    return 'the embedded cluster needs root (network namespaces, mounts); run as root, or use a container with privileges';
  return undefined;
}

function runChecks(): Outcome {
  const started = performance.now();
  const run = spawnSync(process.execPath, ['scripts/check.ts'], { encoding: 'utf8', timeout: 120_000 });
  process.stdout.write(run.stdout);
  const last = /(\d+) passed, (\d+) failed/.exec(run.stdout);
  const seconds = (performance.now() - started) / 1000;
  if (last === null) return { name: 'check', passed: 0, failed: 1, skipped: 0, note: run.stderr.trim(), seconds };
  return { name: 'check', passed: Number(last[1]), failed: Number(last[2]), skipped: 0, note: '', seconds };
}

interface JestSummary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

function runTier(tier: Tier, folder: string): Outcome {
  const reason = whyNot(tier);
  if (reason !== undefined)
    return { name: tier, passed: 0, failed: 0, skipped: 1, note: `not run: ${reason}`, seconds: 0 };
  console.log(`\n── ${tier} ──`);
  const started = performance.now();
  const outputFile = join(folder, `${tier}.json`);
  const run = spawnSync(process.execPath, ['scripts/jest.ts', tier, '--json', `--outputFile=${outputFile}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: TIERS[tier].timeoutSeconds * 1000 + 30_000,
  });
  const seconds = (performance.now() - started) / 1000;
  try {
    const summary = JSON.parse(readFileSync(outputFile, 'utf8')) as JestSummary;
    const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
    const note = failed === 0 && run.status !== 0 ? `jest exited with ${run.status}` : '';
    return {
      name: tier,
      passed: summary.numPassedTests,
      failed: failed + (note === '' ? 0 : 1),
      skipped: summary.numPendingTests,
      note,
      seconds,
    };
  } catch {
    return {
      name: tier,
      passed: 0,
      failed: 1,
      skipped: 0,
      note: `jest wrote no result (exit ${run.status ?? run.signal}): out of time?`,
      seconds,
    };
  }
}

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!isTier(name)) {
    console.error(`There is no tier "${name}". Tiers: ${Object.keys(TIERS).join(', ')}.`);
    process.exit(2);
  }
}
const folder = mkdtempSync(join(tmpdir(), 'proffer-test-'));
const tiers = (Object.keys(TIERS) as Tier[]).filter((tier) => wanted.length === 0 || wanted.includes(tier));
const outcomes = [...(wanted.length === 0 ? [runChecks()] : []), ...tiers.map((tier) => runTier(tier, folder))];
rmSync(folder, { recursive: true, force: true });

console.log('');
for (const { name, passed, failed, skipped, note, seconds } of outcomes) {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(`${name.padEnd(12)} ${counts.padEnd(36)} ${seconds.toFixed(1).padStart(7)} s  ${note}`);
}
const sum = (pick: (outcome: Outcome) => number): number =>
  outcomes.reduce((total, outcome) => total + pick(outcome), 0);
const skipped = sum((outcome) => outcome.skipped);
console.log(
  `${sum((o) => o.passed)} passed, ${sum((o) => o.failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
process.exit(sum((o) => o.failed) === 0 ? 0 : 1);
