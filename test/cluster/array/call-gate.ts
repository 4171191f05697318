import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrayState } from './array-state.ts';
import { CsiError, type CsiCode } from './csi-error.ts';
import type { Around } from './serve-grpc.ts';

/** Calls that come all the time and change nothing. */
const QUIET = new Set([
  'Probe',
  'GetPluginInfo',
  'GetPluginCapabilities',
  'ControllerGetCapabilities',
  'NodeGetCapabilities',
  'GroupControllerGetCapabilities',
  'GetCapacity',
  'ListVolumes',
  'NodeGetVolumeStats',
]);

/** What happens around each call of one socket: counting, logging, and the faults that concern calls. */
export function callGate(array: ArrayState, node?: string): Around {
  return async (call, work) => {
    array.calls.set(call, (array.calls.get(call) ?? 0) + 1);
    const started = performance.now();
    try {
      await slowDown(array, call, node);
      refuse(array, call);
      const answer = await work();
      loseReply(array, call);
      if (!QUIET.has(call)) array.log(line(call, node, started, 'OK'));
      return answer;
    } catch (error) {
      array.log(
        line(call, node, started, error instanceof CsiError ? `${error.code} ${error.message}` : String(error)),
      );
      throw error;
    }
  };
}

function line(call: string, node: string | undefined, started: number, outcome: string): string {
  return `${call}${node === undefined ? '' : ` on ${node}`}: ${outcome} (${Math.round(performance.now() - started)} ms)`;
}

async function slowDown(array: ArrayState, call: string, node: string | undefined): Promise<void> {
  const delays = array.faults
    .ofKind('slowCalls')
    .filter((fault) => (fault.calls ?? [call]).includes(call) && (fault.node === undefined || fault.node === node))
    .map(({ milliseconds }) => milliseconds);
  if (delays.length > 0) await sleep(Math.max(...delays));
}

function refuse(array: ArrayState, call: string): void {
  const fault = array.faults.ofKind('failCalls').find(({ calls }) => calls.includes(call));
  if (fault === undefined) return;
  array.faults.takeOne(fault);
  throw new CsiError(fault.code as CsiCode, `fault ${fault.id} of the array: ${call} is to fail`);
}

function loseReply(array: ArrayState, call: string): void {
  const fault = array.faults.ofKind('loseReplies').find(({ calls }) => calls.includes(call));
  if (fault === undefined) return;
  array.faults.takeOne(fault);
  throw new CsiError('UNAVAILABLE', `fault ${fault.id} of the array: ${call} was done, and its answer is lost`);
}
