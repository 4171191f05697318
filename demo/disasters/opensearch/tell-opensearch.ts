// How OpenSearch got through a disaster, for people.
import type { Outcome } from '../disaster.ts';
import type { HealthTimes } from './health-watch.ts';
import type { Healing } from './search-cluster.ts';
import type { WriteFigures } from './write-diary.ts';

export type Column = 'plain' | 'proffer' | 'emptyVolume';

/** What those who use it were told, from the disaster until all was mended. */
export interface UserView {
  readonly writes: WriteFigures;
  /** Seconds. */
  readonly health: HealthTimes;
}

const BY_PROFFER: Readonly<Record<Outcome, string>> = {
  move: 'Proffer: the volume attached elsewhere',
  drain: 'Proffer: the volume attached elsewhere',
  restart: 'Proffer: the volume mounted anew',
  rebuild: 'Proffer: a new volume, filled by the others',
  nothing: 'Proffer',
};

const HEADERS = ['', 'green after', 'members', 'copied between members', 'operations sent', 'all copies take'];

/** Nothing without columns. `expects`: what the disaster was to lead to. */
export function tableOf(columns: Readonly<Partial<Record<Column, Healing>>>, expects: Outcome): readonly string[] {
  const names: Readonly<Record<Column, string>> = {
    plain: 'a plain StatefulSet',
    proffer: BY_PROFFER[expects],
    emptyVolume: 'a member on an empty volume, from its peers',
  };
  const rows = (['plain', 'proffer', 'emptyVolume'] as const).flatMap((column) => {
    const healing = columns[column];
    return healing === undefined ? [] : [[names[column], ...cellsOf(healing)]];
  });
  if (rows.length === 0) return [];
  return [HEADERS, ...rows].map(
    ([first = '', ...rest]) => `${first.padEnd(44)}${rest.map((cell) => cell.padStart(23)).join('')}`,
  );
}

function cellsOf({ greenSeconds, members, copiedBytes, copiedOperations, indexBytes }: Healing): readonly string[] {
  return [
    greenSeconds === null ? 'never' : `${greenSeconds} s`,
    `${members} of 3`,
    megabytes(copiedBytes),
    String(copiedOperations),
    megabytes(indexBytes),
  ];
}

/** `name`: `plain`, or the app. */
export function sentenceOf([name, { writes, health }]: readonly [string, UserView]): string {
  const { acknowledged, refused, unanswered, longestWaitSeconds } = writes;
  const who = name === 'plain' ? 'Who used the plain OpenSearch' : 'Who used OpenSearch';
  const seen = (['green', 'yellow', 'red'] as const)
    .filter((state) => health[state] > 0)
    .map((state) => `${state} for ${health[state]} s`);
  const silent = health.silent > 0 ? [`without an answer for ${health.silent} s`] : [];
  return `${who} meanwhile saw it ${[...seen, ...silent].join(', ')}; ${acknowledged} documents were acknowledged, ${refused} requests refused and ${unanswered} not answered; the longest time without an acknowledgement was ${longestWaitSeconds} s`;
}

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
