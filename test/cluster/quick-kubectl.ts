import { type ApiClient, ApiError } from './api-client.ts';
import { CommandError } from './command.ts';

/** `kubectl get KIND [NAME] [-n NAMESPACE] [--ignore-not-found] -o json`, taken apart. */
interface Question {
  readonly kind: string;
  readonly name: string | undefined;
  readonly namespace: string;
  /** What is missing is answered with nothing. */
  readonly mayBeMissing: boolean;
}

/** Undefined for every other command, and for questions with more to them (lists of kinds, selectors, other output). */
export function questionOf(args: readonly string[]): Question | undefined {
  const [verb, ...rest] = args;
  const { values, words } = takeApart(rest);
  const [kind, name, ...more] = words;
  if (verb !== 'get' || values.get('-o') !== 'json' || kind === undefined || more.length > 0) return undefined;
  const isOther = [...values.keys()].some((flag) => !['-o', '-n', '--ignore-not-found'].includes(flag));
  if (isOther || /[,/]/.test(kind)) return undefined;
  return { kind, name, namespace: values.get('-n') ?? 'default', mayBeMissing: values.has('--ignore-not-found') };
}

/** Flags with their values, and the other words. */
function takeApart(args: readonly string[]): { values: ReadonlyMap<string, string>; words: readonly string[] } {
  const values = new Map<string, string>();
  const words: string[] = [];
  for (const [at, word] of args.entries()) {
    const before = args[at - 1] ?? '';
    if (['-n', '-o', '-p'].includes(before)) values.set(before, word);
    else if (word.startsWith('-')) values.set(word, '');
    else words.push(word);
  }
  return { values, words };
}

/** The one object of `kubectl create -f -` and `kubectl apply --server-side --force-conflicts -f -`; undefined when it is another command. */
export function writingOf(args: readonly string[], input: string): Writing | undefined {
  const verb = WRITES.get(args.join(' '));
  if (verb === undefined || !input.startsWith('{') || input.includes('\n---')) return undefined;
  const object = parseOne(input);
  return object === undefined ? undefined : { verb, object };
}

/** Undefined: several objects one after another, or what only kubectl can tell the error of. */
function parseOne(input: string): Manifest | undefined {
  try {
    return JSON.parse(input) as Manifest;
  } catch {
    return undefined;
  }
}

/** `kubectl patch KIND NAME [-n NAMESPACE] --type=merge -p JSON`, taken apart; undefined when it is another command. */
export function patchOf(args: readonly string[]): Patch | undefined {
  const [verb, ...rest] = args;
  const { values, words } = takeApart(rest);
  const [kind, name, ...more] = words;
  const change = parseOne(values.get('-p') ?? '');
  if (verb !== 'patch' || kind === undefined || name === undefined || more.length > 0) return undefined;
  const isOther = [...values.keys()].some((flag) => !['-p', '-n', '--type=merge'].includes(flag));
  if (isOther || !values.has('--type=merge') || change === undefined) return undefined;
  return { kind, name, namespace: values.get('-n') ?? 'default', change };
}

interface Patch {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly change: object;
}

interface Writing {
  readonly verb: 'create' | 'apply';
  readonly object: Manifest;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

const WRITES: ReadonlyMap<string, Writing['verb']> = new Map([
  ['create -f -', 'create'],
  ['create -o json -f -', 'create'],
  ['apply --server-side --force-conflicts -f -', 'apply'],
]);

interface Kind {
  readonly path: string;
  readonly namespaced: boolean;
}

/**
 * Answers what kubectl would, over the connection that is there, where that is one request: a process of kubectl costs a fifth of a second
 * of CPU, and tests that wait ask several times a second.
 */
export class QuickKubectl {
  readonly #client: ApiClient;
  #kinds: ReadonlyMap<string, Kind> = new Map();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Undefined for a command that needs kubectl itself. Throws CommandError as a kubectl that fails. */
  answer(args: readonly string[], input: string | undefined): Promise<string> | undefined {
    const [verb, kind, name] = args;
    if (verb === 'create' && kind === 'namespace' && name !== undefined && args.length === 3) {
      return this.#write({ verb, object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
    }
    if (input === undefined) {
      const [question, patch] = [questionOf(args), patchOf(args)];
      if (patch !== undefined) return this.#patch(patch);
      return question === undefined ? undefined : this.#get(question);
    }
    const writing = writingOf(args, input);
    return writing === undefined ? undefined : this.#write(writing);
  }

  async #get({ kind, name, namespace, mayBeMissing }: Question): Promise<string> {
    const place = placeOf(await this.#find(kind), namespace);
    try {
      const found = await this.#client.send<Found>('GET', name === undefined ? place : `${place}/${name}`);
      return JSON.stringify(name === undefined ? listOf(found) : found, undefined, 4);
    } catch (error) {
      const isMissing = error instanceof ApiError && error.status === 404;
      if (isMissing && mayBeMissing) return '';
      throw failure(error, isMissing ? `Error from server (NotFound): ${kind} "${name}" not found` : saidBy(error));
    }
  }

  async #write({ verb, object }: Writing): Promise<string> {
    const { apiVersion, kind, metadata } = object;
    const place = placeOf(await this.#find(`${apiVersion} ${kind}`), metadata.namespace ?? 'default');
    const [method, path] = verb === 'create' ? ['POST', place] : ['PATCH', `${place}/${metadata.name}`];
    const query = `fieldValidation=Strict&fieldManager=kubectl${verb === 'apply' ? '&force=true' : '-create'}`;
    try {
      const type = verb === 'apply' ? { contentType: 'application/apply-patch+yaml' } : {};
      return JSON.stringify(await this.#client.send(method, `${path}?${query}`, object, type), undefined, 4);
    } catch (error) {
      throw failure(error, saidBy(error));
    }
  }

  async #patch({ kind, name, namespace, change }: Patch): Promise<string> {
    const path = `${placeOf(await this.#find(kind), namespace)}/${name}`;
    try {
      await this.#client.send('PATCH', `${path}?fieldManager=kubectl-patch`, change);
    } catch (error) {
      throw failure(error, saidBy(error));
    }
    return `${kind}/${name} patched\n`;
  }

  /** By any name that kubectl takes, or by `group/version Kind`. Definitions come and go in tests: what is not known is looked for again. */
  async #find(name: string): Promise<Kind> {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    this.#kinds = await discover(this.#client);
    const found = this.#kinds.get(name);
    if (found !== undefined) return found;
    throw failure(undefined, `error: the server doesn't have a resource type "${name}"`);
  }
}

const placeOf = ({ path, namespaced }: Kind, namespace: string): string =>
  namespaced ? path.replace(/[^/]+$/, `namespaces/${namespace}/$&`) : path;

/** As kubectl prints the API server's refusals. */
function saidBy(error: unknown): string {
  if (!(error instanceof ApiError) || !error.answer.startsWith('{')) return String(error);
  const { reason, message } = JSON.parse(error.answer) as { readonly reason?: string; readonly message?: string };
  return `Error from server (${reason ?? error.status}): ${message ?? error.answer}`;
}

function failure(cause: unknown, said: string): CommandError {
  const error = new CommandError(`kubectl: exit code 1\n${said}`, 1, said);
  error.cause = cause;
  return error;
}

interface Found {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items?: readonly object[];
}

/** In the API server's own lists the items do not say what they are. */
const listOf = ({ apiVersion, kind, items = [] }: Found): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: items.map((item) => ({ apiVersion, kind: kind.replace(/List$/, ''), ...item })),
});

interface Discovered {
  readonly items: ReadonlyArray<{
    readonly metadata: { readonly name?: string };
    readonly versions: ReadonlyArray<{
      readonly version: string;
      readonly resources: ReadonlyArray<{
        readonly resource: string;
        readonly singularResource?: string;
        readonly shortNames?: readonly string[];
        readonly scope: string;
        readonly responseKind: { readonly kind: string };
      }>;
    }>;
  }>;
}

/** Every name that kubectl takes for a kind. The first group that has a name wins, as with kubectl. */
async function discover(client: ApiClient): Promise<ReadonlyMap<string, Kind>> {
  const kinds = new Map<string, Kind>();
  for (const root of ['/api', '/apis']) {
    const { items } = await client.send<Discovered>('GET', root, undefined, { accept: DISCOVERY });
    for (const { metadata, versions } of items) {
      const group = metadata.name ?? '';
      for (const [index, { version, resources }] of versions.entries()) {
        const folder = [root, group, version].filter((part) => part !== '').join('/');
        for (const found of resources) {
          const kind = { path: `${folder}/${found.resource}`, namespaced: found.scope === 'Namespaced' };
          const names = [found.resource, found.singularResource ?? found.resource, ...(found.shortNames ?? [])];
          kinds.set(`${group === '' ? '' : `${group}/`}${version} ${found.responseKind.kind}`, kind);
          if (index > 0) continue;
          for (const name of names) {
            if (!kinds.has(name)) kinds.set(name, kind);
            kinds.set(`${name}.${group}`, kind);
          }
        }
      }
    }
  }
  return kinds;
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
