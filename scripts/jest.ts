// Runs one tier of tests: node scripts/jest.ts TIER [path pattern...] [jest options]. The tiers are the keys of TIERS; patterns narrow the
// tier to the files whose path matches one of them. test/run.ts runs all tiers.
import { spawnSync } from 'node:child_process';
import { TIERS, isTier, type TierSettings } from '../test/tiers.ts';

const [tier, ...rest] = process.argv.slice(2);
if (tier === undefined || !isTier(tier)) {
  console.error(`usage: node scripts/jest.ts ${Object.keys(TIERS).join('|')} [path pattern...] [jest options]`);
  process.exit(2);
}
const { files, together, flags, timeoutSeconds }: TierSettings = TIERS[tier];
const isNarrowed = rest.some((arg) => !arg.startsWith('-'));
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...(isNarrowed ? files : (together ?? files)).map((glob) => `--testMatch=<rootDir>/${glob}`),
    ...flags,
    ...rest,
  ],
  { stdio: 'inherit', timeout: timeoutSeconds * 1000 },
);
process.exit(run.status ?? 1);
