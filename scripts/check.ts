// Everything that can be checked without running the product: types, purity, lint, format, import line, generated files.
// Prints one line per check; ends with exit code 1 when any failed. The checks run side by side.
import { spawn } from 'node:child_process';

const CHECKS: ReadonlyArray<readonly [name: string, command: string, ...args: string[]]> = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['api and core are pure', 'tsc', '-p', 'tsconfig.pure.json'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt', '--check'],
  ['import line', 'depcruise', '--config', '.dependency-cruiser.js', 'src'],
  ['generated files are fresh', 'node', 'scripts/generate.ts', '--check'],
];

// The compiler and the linter are Go programs: a third of their time is garbage collection, for which they do not live long enough.
const env = { GOGC: 'off', GOMEMLIMIT: '1GiB', ...process.env };

async function run([name, command, ...args]: (typeof CHECKS)[number]): Promise<boolean> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output.push(Buffer.from(String(error)));
      resolve(1);
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(Buffer.concat(output).toString());
  return code === 0;
}

const results = await Promise.all(CHECKS.map(run));
const failed = results.filter((ok) => !ok).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
