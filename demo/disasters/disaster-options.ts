// The flags of `npm run demo` that are about disasters.
import { DISASTERS, isDisaster, type DisasterName } from './registry.ts';
import { HITS, type Hit } from './victim.ts';

const APPS = ['recorder', 'opensearch'] as const;
type App = (typeof APPS)[number];

/** What a disaster strikes, and with what beside it. */
export interface DisasterOptions {
  readonly name: DisasterName;
  readonly app: App;
  /** How long a plain StatefulSet is watched beside it; undefined: there is none. */
  readonly plainSeconds: number | undefined;
  readonly hit: Hit;
}

/** For `parseArgs`. */
export const DISASTER_FLAGS = {
  disaster: { type: 'string' },
  app: { type: 'string', default: 'recorder' },
  compare: { type: 'boolean', default: false },
  'plain-seconds': { type: 'string' },
  hit: { type: 'string', default: 'member' },
} as const;

interface DisasterValues {
  readonly disaster?: string | undefined;
  readonly app: string;
  readonly compare: boolean;
  readonly 'plain-seconds'?: string | undefined;
  readonly hit: string;
}

/** OpenSearch waits a minute for a lost member before it copies what that had. */
const PLAIN_SECONDS: Readonly<Record<App, number>> = { recorder: 90, opensearch: 120 };

/** Lines of the help text. */
export function disasterUsage(): string {
  const names = Object.entries(DISASTERS).map(([name, { title }]) => `    ${name.padEnd(17)}  ${title}`);
  return `  --disaster=NAME      something terrible happens to an app (embedded only):
${names.join('\n')}
    --app=NAME         recorder: three members that write numbered records (default); opensearch: a three-member OpenSearch under load
    --compare          the same for a plain StatefulSet beside it
    --plain-seconds=N  how long that is watched after the loss (default ${PLAIN_SECONDS.recorder}; opensearch: ${PLAIN_SECONDS.opensearch})
    --hit=WHAT         member: a node where nothing of Proffer leads (default); operator, scheduler: the node of the one that leads`;
}

/** Undefined without `--disaster`. Throws with a sentence for a person when a flag is not understood. */
export function parseDisasterOptions(values: DisasterValues, cluster: string): DisasterOptions | undefined {
  const { disaster: name } = values;
  if (name === undefined) return undefined;
  if (cluster !== 'embedded')
    throw new Error(
      '--disaster breaks nodes and disks, which it may only do to an embedded cluster: leave --cluster out',
    );
  if (!isDisaster(name)) throw new Error(`--disaster=${name} is not known: ${Object.keys(DISASTERS).join(', ')}`);
  const app = oneOf('app', APPS, values.app);
  const seconds = Number(values['plain-seconds'] ?? PLAIN_SECONDS[app]);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 900)
    throw new Error(`--plain-seconds=${values['plain-seconds']} is not a whole number from 1 to 900`);
  return { name, app, hit: oneOf('hit', HITS, values.hit), plainSeconds: values.compare ? seconds : undefined };
}

function oneOf<T extends string>(flag: string, known: readonly T[], text: string): T {
  const found = known.find((word) => word === text);
  if (found === undefined) throw new Error(`--${flag}=${text} is not known: ${known.join(', ')}`);
  return found;
}
