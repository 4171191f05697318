// A three-member OpenSearch that is written to all the while, and beside it the same without Proffer.
import { join } from 'node:path';
import { waitUntil } from '../../../test/cluster/wait-until.ts';
import type { Return } from '../cluster-watch.ts';
import type { Outcome } from '../disaster.ts';
import type { Timeline } from '../timeline.ts';
import {
  type LateWrites,
  NAMESPACE,
  PLAIN,
  type Rebuilt,
  type Workload,
  type WorkloadOptions,
  type WorkloadVerdict,
} from '../workload.ts';
import { readKeptVolume } from './kept-volume.ts';
import { isWrittenLate, writeLate } from './late-writes.ts';
import { type HigherLimit, higherLimit, tellTooFewOpenFiles, tooFewOpenFiles } from './open-files.ts';
import { openSearchApp, plainOpenSearch } from './opensearch-manifests.ts';
import { rebuildMember } from './rebuild-member.ts';
import { type Healing, SearchCluster } from './search-cluster.ts';
import { type Column, type UserView, megabytes, sentenceOf, tableOf } from './tell-opensearch.ts';

const APP = 'opensearch';
const POOL = join(import.meta.dirname, '..', '..', '..', 'examples', 'pools', 'array.yaml');
/** About a kilobyte each, twice: enough that copying them is work. */
const DOCUMENTS = 20_000;
/** Where the example mounts the volume. */
const DATA = '/usr/share/opensearch/data';

export class OpenSearchWorkload implements Workload {
  readonly app = APP;
  /** Java starts anew, on a machine where it may have to wait. */
  readonly extraSeconds = 90;
  readonly #options: WorkloadOptions;
  #search: SearchCluster | undefined;
  #plain: SearchCluster | undefined;
  #timeline: Timeline | undefined;
  #expects: Outcome = 'nothing';
  /** Whose old pod tried to write. */
  #wroteLate: string | undefined;
  #isLateThere = false;
  readonly #columns: Partial<Record<Column, Healing>> = {};
  readonly #users: Record<string, UserView> = {};

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
    const isWhole = (): boolean => (search.health.wholeAt ?? 0) > since;
    await waitUntil(`OpenSearch green with three members`, isWhole, { timeoutSeconds });
    const healing = await search.healing(since);
    this.#columns['proffer'] = healing;
    return `OpenSearch is green again ${healing.greenSeconds} s after the disaster, with ${member} on ${node}: ${told(healing)}`;
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

  async lateWrites(node: string, member: string): Promise<LateWrites> {
    this.#wroteLate = member;
    return writeLate(this.#options.cluster, { node, pod: member, container: APP, folder: DATA });
  }

  /** What users saw until now, and the third way: the same member once more, from nothing. */
  async afterMending(member: string, expects: Outcome): Promise<void> {
    const timeline = this.#timeline;
    if (timeline === undefined) return;
    this.#expects = expects;
    this.#noteUsers(timeline);
    // Looked for before the member may get another volume.
    const late = this.#wroteLate;
    this.#isLateThere = late !== undefined && (await isWrittenLate(this.#options.cluster, late, DATA));
    // A disaster that moves nobody has nothing to be compared with, and one that ends in a rebuild has just shown it.
    const isNews = expects === 'move' || expects === 'restart' || expects === 'drain';
    if (!this.#options.compare || !isNews) return;
    const { cluster } = this.#options;
    this.#columns['emptyVolume'] = await rebuildMember({ cluster, timeline, search: this.#started(), member });
  }

  async check(rebuilt?: Rebuilt): Promise<WorkloadVerdict> {
    const search = this.#started();
    await search.load.stop();
    const documents = await search.load.check();
    await this.#plain?.load.stop();
    const plain = await this.#plain?.load.check().catch(() => undefined);
    const kept = rebuilt && (await readKeptVolume(this.#options.cluster, rebuilt.retiredClaim, search.filled));
    return {
      recordsAcknowledged: documents.acknowledged,
      recordsLost: documents.acknowledged - documents.found + (kept?.documentsMissing ?? 0),
      recordsDoubled: documents.doubled,
      lateWritesFound: this.#isLateThere,
      recordsOutOfOrder: null,
      more: {
        ...(Object.keys(this.#columns).length === 0 ? {} : { opensearch: this.#columns }),
        users: this.#users,
        documents,
        ...(plain === undefined ? {} : { plainDocuments: plain }),
        ...(kept === undefined ? {} : { keptVolume: kept }),
      },
    };
  }

  tell(): readonly string[] {
    return [...tableOf(this.#columns, this.#expects), ...Object.entries(this.#users).map(sentenceOf)];
  }

  async stop(): Promise<void> {
    await Promise.all([this.#search?.stop(), this.#plain?.stop()]);
  }

  #noteUsers(timeline: Timeline): void {
    const since = timeline.struckAt ?? 0;
    const pairs = [['proffer', this.#search] as const, ['plain', this.#plain] as const];
    for (const [name, search] of pairs) {
      if (search === undefined) continue;
      this.#users[name] = { writes: search.load.diary.figures(since), health: search.health.timesSince(since) };
      timeline.add(name === 'plain' ? 'plain' : 'app', sentenceOf([name, this.#users[name]]));
    }
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

function told({ copiedBytes, copiedOperations, indexBytes }: Healing): string {
  return `${megabytes(copiedBytes)} and ${copiedOperations} operations copied between members, of an index whose copies take ${megabytes(indexBytes)}`;
}
