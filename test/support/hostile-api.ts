import type { ServerResponse } from 'node:http';
import { failure, json, type Received, type Reply } from './hostile-server.ts';

interface Stored {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Record<string, unknown>;
  readonly [field: string]: unknown;
}

interface Change {
  readonly version: number;
  readonly collection: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Stored;
}

interface Watcher {
  readonly collection: string;
  readonly response: ServerResponse;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

const conflict = (message: string): Reply => failure(409, 'Conflict', message);

/**
 * A small API server in memory, as `otherwise` of a HostileServer: create, read, replace, merge, apply (as a merge), delete with
 * preconditions, paged lists, watches from a version, compaction. It knows no kinds: any collection path works.
 */
export class HostileApi {
  readonly #objects = new Map<string, Stored>();
  readonly #history: Change[] = [];
  readonly #watchers = new Set<Watcher>();
  /** What lists under way page through. */
  readonly #snapshots = new Map<string, readonly Stored[]>();
  #version = 1;
  #compactedTo = 0;
  /** Writes whose reply is lost after they took effect. */
  repliesToLose = 0;

  readonly reply: Reply = (received, response) => this.#handle(received, response);

  get resourceVersion(): string {
    return String(this.#version);
  }

  get(path: string): Stored | undefined {
    return this.#objects.get(path);
  }

  list(collection: string): readonly Stored[] {
    return [...this.#objects].filter(([path]) => path.startsWith(`${collection}/`)).map(([, object]) => object);
  }

  put(collection: string, object: Stored): Stored {
    const path = `${collection}/${String(object.metadata['name'])}`;
    const before = this.#objects.get(path);
    this.#version += 1;
    const uid = before?.metadata['uid'] ?? `uid-${this.#version}`;
    const after = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(this.#version) } };
    this.#objects.set(path, after);
    this.#tell({
      version: this.#version,
      collection,
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      object: after,
    });
    return after;
  }

  remove(path: string): void {
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#version += 1;
    this.#objects.delete(path);
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#tell({
      version: this.#version,
      collection: path.slice(0, path.lastIndexOf('/')),
      type: 'DELETED',
      object: last,
    });
  }

  /** Forgets the past: watches and lists that continue from before now get 410. */
  compact(): void {
    this.#version += 1;
    this.#compactedTo = this.#version;
    this.#history.length = 0;
    this.#snapshots.clear();
  }

  bookmark(): void {
    for (const { response } of this.#watchers) {
      write(response, 'BOOKMARK', { kind: 'Any', metadata: { resourceVersion: this.resourceVersion } });
    }
  }

  /** Writes text into every watch, as it is, and cuts them if asked to. */
  disturb(text: string, cut = false): void {
    for (const { response } of this.#watchers) {
      response.write(text);
      if (cut) response.socket?.destroy();
    }
  }

  #tell(change: Change): void {
    this.#history.push(change);
    for (const { collection, response } of this.#watchers) {
      if (collection === change.collection) write(response, change.type, change.object);
    }
  }

  #handle(received: Received, response: ServerResponse): void | Promise<void> {
    if (received.method === 'GET') return this.#read(received)(received, response);
    const reply = this.#write(received);
    if (this.repliesToLose === 0) return reply(received, response);
    this.repliesToLose -= 1;
    response.socket?.destroy();
  }

  #read(received: Received): Reply {
    const object = this.#objects.get(received.path);
    if (object !== undefined) return json(200, object);
    if (received.query.has('watch')) return this.#watch(received);
    if (received.query.has('limit')) return this.#page(received);
    return failure(404, 'NotFound', `${received.path} not found`);
  }

  #page({ path, query }: Received): Reply {
    const [version = this.#version, from = 0] = (query.get('continue') ?? '').split('-').filter(Boolean).map(Number);
    const key = `${path}@${version}`;
    if (from === 0) this.#snapshots.set(key, this.list(path));
    const all = this.#snapshots.get(key);
    if (all === undefined) return failure(410, 'Expired', 'The provided continue parameter is too old');
    const until = from + Number(query.get('limit'));
    const next = until < all.length ? { continue: `${version}-${until}` } : {};
    return json(200, { metadata: { resourceVersion: String(version), ...next }, items: all.slice(from, until) });
  }

  #watch({ path, query }: Received): Reply {
    const from = Number(query.get('resourceVersion'));
    if (from < this.#compactedTo) return failure(410, 'Expired', `too old resource version: ${from}`);
    return (_received, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      for (const change of this.#history) {
        if (change.version > from && change.collection === path) write(response, change.type, change.object);
      }
      const watcher = { collection: path, response };
      this.#watchers.add(watcher);
      response.on('close', () => this.#watchers.delete(watcher));
    };
  }

  #write(received: Received): Reply {
    const { method, path } = received;
    const body = isObject(received.body) ? received.body : {};
    const metadata = isObject(body['metadata']) ? body['metadata'] : {};
    if (method === 'POST') {
      if (this.#objects.has(`${path}/${String(metadata['name'])}`)) return failure(409, 'AlreadyExists');
      return json(201, this.put(path, body as Stored));
    }
    const object = this.#objects.get(path);
    const isApply = String(received.headers['content-type']).includes('apply-patch');
    if (object === undefined && !isApply) return failure(404, 'NotFound', `${path} not found`);
    if (method === 'DELETE') return this.#delete(path, object, body);
    if (isStale(metadata, object)) return conflict('the object has been modified');
    const next = method === 'PUT' ? body : merge(object ?? {}, body);
    return json(200, this.put(path.slice(0, path.lastIndexOf('/')), next as Stored));
  }

  #delete(path: string, object: Stored | undefined, body: Record<string, unknown>): Reply {
    const wanted = isObject(body['preconditions']) ? body['preconditions'] : {};
    const has = object?.metadata ?? {};
    if (wanted['uid'] !== undefined && wanted['uid'] !== has['uid']) {
      return conflict('the UID in the precondition does not match the UID in record');
    }
    if (wanted['resourceVersion'] !== undefined && wanted['resourceVersion'] !== has['resourceVersion']) {
      return conflict('the ResourceVersion in the precondition does not match');
    }
    this.remove(path);
    return json(200, { kind: 'Status', status: 'Success' });
  }
}

function write(response: ServerResponse, type: string, object: unknown): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function isStale(metadata: Record<string, unknown>, object: Stored | undefined): boolean {
  return (
    metadata['resourceVersion'] !== undefined && metadata['resourceVersion'] !== object?.metadata['resourceVersion']
  );
}
