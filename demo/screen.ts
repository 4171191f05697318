// A table that updates in place on a terminal; plain lines, on change only, elsewhere.
import type { ObservedApp } from './observed-app.ts';

export interface Screen {
  /** A sentence of the story. */
  say(line: string): void;
  /** The app as it is now; drawn when it differs from what was last drawn. */
  show(app: ObservedApp): void;
  /** The table as it stands stays on the screen; what follows goes below it. */
  settle(): void;
}

const HEADERS = ['MEMBER', 'SLOT', 'POD', 'NODE', 'READY', 'VOLUME', 'SIZE'] as const;

function rowsOf(app: ObservedApp): string[][] {
  return app.members.map((member) => [
    member.name,
    member.slotNode === '' ? '-' : `${member.slotNode} ${member.slotState}`,
    member.podState || '-',
    member.podNode || '-',
    member.ready ? 'yes' : 'no',
    member.volume === '' ? '-' : member.volume.slice(0, 16),
    member.volumeSize || '-',
  ]);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADERS.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [HEADERS, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** Story and table go to `out` (standard error when the last line of standard output is JSON). `startedAt` is performance.now(). */
export function createScreen(out: NodeJS.WriteStream, startedAt: number): Screen {
  const clock = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`;
  let drawn = '';
  let height = 0;
  const write = (text: string): void => {
    out.write(text);
  };
  return {
    say(line) {
      height = 0;
      drawn = '';
      write(`${clock()}  ${line}\n`);
    },
    show(app) {
      const summary =
        `${app.members.filter((member) => member.ready).length}/${app.members.length} ready  ${app.status} ${app.reason}`.trimEnd();
      const lines = [...table(rowsOf(app)), `  ${summary}`];
      const text = lines.join('\n');
      if (text === drawn) return;
      drawn = text;
      if (!out.isTTY) {
        write(
          `${clock()}  ${app.members.map((member) => `${member.name}: ${changeOf(member)}`).join(' | ')} | ${summary}\n`,
        );
        return;
      }
      if (height > 0) write(`\u001B[${height}A\u001B[J`);
      write(`${text}\n`);
      height = lines.length;
    },
    settle() {
      height = 0;
      drawn = '';
    },
  };
}

function changeOf(member: ObservedApp['members'][number]): string {
  const slot = member.slotNode === '' ? 'no slot' : `slot ${member.slotNode} ${member.slotState}`;
  const pod = member.podState === '' ? 'no pod' : `pod ${member.ready ? 'Ready' : member.podState}`;
  const volume = member.volume === '' ? 'no volume' : 'volume bound';
  return `${slot}, ${volume}, ${pod}`;
}
