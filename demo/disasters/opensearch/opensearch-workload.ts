// A three-member OpenSearch that is written to all the while, and beside it the same without Proffer.
import { join } from 'node:path';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import type { Return } from '../cluster-watch.ts';
import type { Timeline } from '../timeline.ts';
import { NAMESPACE, PLAIN, type Workload, type WorkloadOptions, type WorkloadVerdict } from '../workload.ts';
import { type HigherLimit, higherLimit, tellTooFewOpenFiles, tooFewOpenFiles } from './open-files.ts';
import { openSearchApp, plainOpenSearch } from './opensearch-manifests.ts';
import { rebuildMember } from './rebuild-member.ts';
import { type Healing, SearchCluster } from './search-cluster.ts';

const APP = 'opensearch';
const POOL = join(import.meta.dirname, '..', '..', '..', 'examples', 'pools', 'array.yaml');
/** About a kilobyte each, twice: enough that copying them is work. */
const DOCUMENTS = 20_000;

export class OpenSearchWorkload implements Workload {
  readonly app = APP;
  readonly #options: WorkloadOptions;
  #search: SearchCluster | undefined;
  #plain: SearchCluster | undefined;
  #timeline: Timeline | undefined;
  readonly #columns: Record<string, Healing> = {};

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  async start(timeline: Timeline): Promise<void> {
    const { cluster, screen, compare, recovery } = this.#options;
    this.#timeline = timeline;
    await cluster.kubectl(['apply', '-f', POOL]);
    const limit = await this.#higherLimit();
    const plain = compare ? plainOpenSearch(PLAIN, limit) : [];
    const manifests = [...(limit === undefined ? [] : [limit.configMap]), openSearchApp(recovery, limit), ...plain];
    const input = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    screen.say(`kubectl apply -f examples/opensearch.yaml${compare ? ', and the same as a plain StatefulSet' : ''}`);
    await cluster.kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input });
    this.#search = new SearchCluster(cluster, APP, { timeline, who: 'app' });
    this.#plain = compare ? new SearchCluster(cluster, PLAIN, { timeline, who: 'plain' }) : undefined;
    await Promise.all([this.#search.begin(DOCUMENTS), this.#plain?.begin(DOCUMENTS)]);
    screen.say(`${DOCUMENTS} documents with one replica are in each index, and more are being added`);
  }

  /** Green with all members; the other way to be green again, without the lost one, is the plain StatefulSet's. */
  async untilWorking(member: string, { to: node }: Return, timeoutSeconds: number): Promise<string> {
    const search = this.#started();
    const since = this.#timeline?.struckAt ?? 0;
    const isWhole = (): boolean => search.health.greenAgainAt !== undefined && search.health.members === 3;
    await waitUntil(`OpenSearch green with three members`, isWhole, { timeoutSeconds });
    const healing = await search.healing(since);
    this.#columns['proffer'] = healing;
    return `OpenSearch is green ${healing.greenSeconds} s after the loss with ${member} on ${node}: ${told(healing)}`;
  }

  async untilPlainSettled(timeoutSeconds: number): Promise<string> {
    const plain = this.#plain;
    if (plain === undefined) return '';
    const isGreen = (): boolean => plain.health.greenAgainAt !== undefined;
    await waitUntil('the plain OpenSearch green', isGreen, { timeoutSeconds }).catch(() => undefined);
    const healing = await plain.healing(this.#timeline?.struckAt ?? 0);
    this.#columns['plain'] = healing;
    const when = healing.greenSeconds === null ? 'is not green' : `is green after ${healing.greenSeconds} s`;
    return `the plain OpenSearch ${when} with ${healing.members} of 3 members: ${told(healing)}`;
  }

  /** The third way: the same member once more, from nothing. */
  async afterMending(member: string): Promise<void> {
    if (!this.#options.compare || this.#timeline === undefined) return;
    const { cluster } = this.#options;
    this.#columns['emptyVolume'] = await rebuildMember({
      cluster,
      timeline: this.#timeline,
      search: this.#started(),
      member,
    });
  }

  async check(): Promise<WorkloadVerdict> {
    const search = this.#started();
    await search.load.stop();
    const records = await search.load.check();
    await this.#plain?.load.stop();
    const plainRecords = await this.#plain?.load.check().catch(() => undefined);
    const plain = plainRecords === undefined ? {} : { plainRecords };
    return { ...records, more: { opensearch: this.#columns, ...plain } };
  }

  tell(): readonly string[] {
    const rows = Object.entries(this.#columns).map(
      ([column, { greenSeconds, members, copiedBytes, copiedOperations, indexBytes }]) => [
        COLUMNS[column] ?? column,
        greenSeconds === null ? 'never' : `${greenSeconds} s`,
        `${members} of 3`,
        megabytes(copiedBytes),
        String(copiedOperations),
        megabytes(indexBytes),
      ],
    );
    const table = [
      ['', 'green after', 'members', 'copied between members', 'operations sent', 'all copies take'],
      ...rows,
    ];
    return table.map(([first = '', ...rest]) => `${first.padEnd(44)}${rest.map((cell) => cell.padStart(23)).join('')}`);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#search?.stop(), this.#plain?.stop()]);
  }

  /** Undefined where pods may have as many open files as OpenSearch asks for. */
  async #higherLimit(): Promise<HigherLimit | undefined> {
    const { screen } = this.#options;
    const limit = tooFewOpenFiles();
    if (limit === undefined) return undefined;
    screen.say(tellTooFewOpenFiles(limit));
    return higherLimit((line) => screen.say(line));
  }

  #started(): SearchCluster {
    if (this.#search === undefined) throw new Error('OpenSearch was not started');
    return this.#search;
  }
}

const COLUMNS: Readonly<Record<string, string>> = {
  plain: 'a plain StatefulSet',
  proffer: 'Proffer: the volume attached elsewhere',
  emptyVolume: 'a member on an empty volume, from its peers',
};

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function told({ copiedBytes, copiedOperations, indexBytes }: Healing): string {
  return `${megabytes(copiedBytes)} and ${copiedOperations} operations copied between members, of an index whose copies take ${megabytes(indexBytes)}`;
}
