import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stallCommand } from './loop-device.ts';

/** Mounted file systems that stand still now and then. They are thawed when this process ends, however it ends. */
export class SlowDisks {
  readonly #children = new Map<string, ChildProcess>();

  /** Returns when it stands still for the first time. */
  async start(mountPoint: string, stallMilliseconds: number, runMilliseconds: number): Promise<void> {
    if (this.#children.has(mountPoint)) return;
    const [command = '', ...args] = stallCommand(mountPoint, stallMilliseconds, runMilliseconds);
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.on('error', () => {});
    this.#children.set(mountPoint, child);
    // The pipe ends when the program cannot freeze at all, and says why in our log.
    for await (const _ of child.stdout) break;
  }

  /** Returns when the file system runs again. */
  async stop(mountPoint: string): Promise<void> {
    const child = this.#children.get(mountPoint);
    if (child === undefined) return;
    this.#children.delete(mountPoint);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((mountPoint) => this.stop(mountPoint)));
  }
}
