// Runs kubectl-proffer inside the test's process, and keeps what it says: a process of its own costs a second or two each.
import { jest } from '@jest/globals';
import { runPlugin } from '../../src/cli/run-plugin.ts';

export interface PluginAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One at a time: it listens to this process's standard output. `env` is in place while it runs; undefined takes a variable away. */
export async function runPluginHere(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<PluginAnswer> {
  const said = { stdout: '', stderr: '' };
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text: unknown, done?: unknown) => {
    said.stdout += String(text);
    if (typeof done === 'function') (done as () => void)();
    return true;
  });
  const error = jest.spyOn(console, 'error').mockImplementation((text) => void (said.stderr += String(text)));
  const before = { ...process.env };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  try {
    const code = await runPlugin(args);
    return { code, ...said };
  } finally {
    for (const name of Object.keys(env)) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    write.mockRestore();
    error.mockRestore();
  }
}
