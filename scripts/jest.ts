// Runs one tier of tests: node scripts/jest.ts TIER [jest arguments]. The tiers are the keys of TIERS; test/run.ts runs them all.
import { spawnSync } from 'node:child_process';
import { TIERS, isTier } from '../test/tiers.ts';

const [tier, ...rest] = process.argv.slice(2);
if (tier === undefined || !isTier(tier)) {
  console.error(`usage: node scripts/jest.ts ${Object.keys(TIERS).join('|')} [jest arguments]`);
  process.exit(2);
}
const { args, timeoutSeconds } = TIERS[tier];
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...args,
    ...rest,
  ],
  { stdio: 'inherit', timeout: timeoutSeconds * 1000 },
);
process.exit(run.status ?? 1);
