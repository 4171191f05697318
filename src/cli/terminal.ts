/** How much of a line there is, and whether it may be coloured. */
export interface Terminal {
  /** Characters; undefined: as many as there are, since what is no terminal does not wrap. */
  readonly width: number | undefined;
  readonly colour: boolean;
}

/** Colour and a width only where a person looks; https://no-color.org is kept. */
export function terminalOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Terminal {
  if (!stream.isTTY) return { width: undefined, colour: false };
  return { width: Math.max(40, stream.columns), colour: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' };
}

export type Tone = 'good' | 'bad' | 'strong' | 'dim';

const CODES: Readonly<Record<Tone, string>> = { good: '32', bad: '31', strong: '1', dim: '2' };

export function painted(text: string, tone: Tone, { colour }: Terminal): string {
  return colour ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}

/** A heading and the lines under it; nothing at all when there are none. */
export function section(title: string, lines: readonly string[], terminal: Terminal): string {
  if (lines.length === 0) return '';
  return `\n${painted(title, 'strong', terminal)}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** Words over as many lines as they need, each indented by two. */
export function wrapped(text: string, { width }: Terminal): readonly string[] {
  const most = (width ?? Number.POSITIVE_INFINITY) - 2;
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > most) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line) => `  ${line}`);
}
