/** A cron line, read: the minutes, hours and days at which it is due. All in UTC, so that no hour is missing or comes twice. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly isDue: (day: Date) => boolean;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words for the numbers from `least` on. */
  readonly words: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const FIELDS = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  // 7 is Sunday too.
  { name: 'day of the week', least: 0, most: 7, words: WEEKDAYS },
] as const satisfies readonly Field[];

/** A line that nobody can read. The message says which part, and what it may be. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

/**
 * Reads minute, hour, day of the month, month, day of the week: `*`, numbers, names, lists, ranges and steps, as crontab(5) has them. Where
 * both kinds of days are restricted, either of them will do. Throws CronError.
 */
export function parseCron(line: string): Cron {
  const parts = line.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = parts;
  if (
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined ||
    parts.length > 5
  ) {
    throw new CronError(
      `"${line}" has ${line.trim() === '' ? 0 : parts.length} fields, and a cron line has five: minute, hour, day of the month, month, day of the week`,
    );
  }
  const days = new Set(values(day, FIELDS[2]));
  const months = new Set(values(month, FIELDS[3]));
  const weekdays = new Set(values(weekday, FIELDS[4]).map((value) => value % 7));
  const isEither = !day.startsWith('*') && !weekday.startsWith('*');
  return {
    minutes: values(minute, FIELDS[0]),
    hours: values(hour, FIELDS[1]),
    isDue: (date) => {
      const [isDay, isWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
      return months.has(date.getUTCMonth() + 1) && (isEither ? isDay || isWeekday : isDay && isWeekday);
    },
  };
}

function values(text: string, field: Field): readonly number[] {
  const found = new Set(text.split(',').flatMap((part) => range(part, field)));
  return [...found].toSorted((a, b) => a - b);
}

function range(part: string, field: Field): readonly number[] {
  const [, span = '', from = '', to, step] = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/.exec(part) ?? [];
  if (span === '') throw wrong(part, field);
  const every = step === undefined ? 1 : Number(step);
  const first = span === '*' ? field.least : numberOf(from, part, field);
  const end = to === undefined ? (step === undefined ? first : field.most) : numberOf(to, part, field);
  const last = span === '*' ? field.most : end;
  if (every === 0 || last < first) throw wrong(part, field);
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, at) => first + at * every);
}

function numberOf(text: string, part: string, field: Field): number {
  const word = field.words.indexOf(text.toLowerCase());
  const value = word >= 0 ? word + field.least : /^\d{1,2}$/.test(text) ? Number(text) : -1;
  if (value < field.least || value > field.most) throw wrong(part, field);
  return value;
}

function wrong(part: string, { name, least, most, words }: Field): CronError {
  const named = words.length === 0 ? '' : ` or ${words[0]} to ${words.at(-1)}`;
  return new CronError(
    `"${part}" is no ${name}: use *, ${least} to ${most}${named}, lists (1,2), ranges (1-5) and steps (*/2)`,
  );
}
