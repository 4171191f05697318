import type { FrameworkAccount } from '../core/offers/framework-account.ts';
import type { Offer } from '../core/offers/make-offers.ts';
import { showBytes } from '../core/resources/show-amount.ts';
import { bytesText, resourcesJson, showOne, showResources, showShare } from './show-amounts.ts';
import { table } from './table.ts';
import { type Terminal, section, wrapped } from './terminal.ts';

/** What offers are shown of. */
export interface ShownOffers {
  /** Whom they are made to; undefined: to one without limits. */
  readonly framework: string | undefined;
  readonly offers: readonly Offer[];
  readonly accounts: readonly FrameworkAccount[];
  readonly notKnown: readonly string[];
}

/** Resources that have a column of their own whether or not there are devices. */
const COLUMNS = ['cpu', 'memory', 'pods'];

export function showOffers({ framework, offers, accounts, notKnown }: ShownOffers, terminal: Terminal): string {
  const more = [...new Set(offers.flatMap(({ free }) => Object.keys(free)))]
    .filter((name) => !COLUMNS.includes(name) && name !== 'ephemeral-storage')
    .toSorted();
  const rows = offers.map((offer) => [
    offer.node,
    offer.zone,
    ...COLUMNS.map((name) => showOne(offer.free, name)),
    ...more.map((name) => showOne(offer.free, name)),
    storageText(offer),
    Object.entries(offer.attach)
      .map(([driver, free]) => `${driver} ${free}`)
      .join(', '),
    offer.keptOutBy.map(({ reason, message }) => `${reason} (${message})`).join(', '),
  ]);
  const headings = [
    'NODE',
    'ZONE',
    ...COLUMNS.map((name) => name.toUpperCase()),
    ...more,
    'STORAGE',
    'ATTACH',
    'KEPT OUT BY',
  ];
  const summary = accounts.map((account) => [
    account.name,
    String(account.weight),
    showShare(account.share),
    showShare(account.fairShare),
    showResources(account.charged) || 'nothing',
    showResources(account.guarantee),
    showResources(account.limit),
    account.waitingApps === 0 ? '' : String(account.waitingApps),
  ]);
  const whom = framework === undefined ? 'any framework without limits' : `framework ${framework}`;
  const heading = ['FRAMEWORK', 'WEIGHT', 'SHARE', 'FAIR', 'CHARGED', 'GUARANTEE', 'LIMIT', 'WAITING'];
  return [
    `What each node could give ${whom} now: a snapshot, not a lock.\n`,
    section('OFFERS', table(headings, rows, terminal), terminal),
    section('FRAMEWORKS', table(heading, summary, terminal), terminal),
    section(
      'NOT KNOWN',
      notKnown.flatMap((line) => wrapped(line, terminal)),
      terminal,
    ),
  ].join('');
}

function storageText({ storageBytes }: Offer): string {
  return Object.entries(storageBytes)
    .flatMap(([name, bytes]) => (bytes === undefined ? [] : [`${name} ${showBytes(bytes)}`]))
    .join(', ');
}

/** The same for programs; see docs/cli.md. */
export function offersJson({ framework, offers, accounts, notKnown }: ShownOffers): object {
  return {
    framework: framework ?? null,
    offers: offers.map((offer) => ({
      node: offer.node,
      zone: offer.zone,
      generation: offer.generation,
      free: resourcesJson(offer.free),
      storage: Object.fromEntries(
        Object.entries(offer.storageBytes).map(([name, bytes]) => [
          name,
          bytes === undefined ? null : bytesText(bytes),
        ]),
      ),
      attach: offer.attach,
      keptOutBy: offer.keptOutBy,
    })),
    frameworks: accounts.map((account) => ({
      name: account.name,
      parent: account.parent ?? null,
      weight: account.weight,
      share: account.share,
      fairShare: account.fairShare,
      charged: resourcesJson(account.charged),
      guarantee: resourcesJson(account.guarantee),
      limit: resourcesJson(account.limit),
      headroom: resourcesJson(account.headroom),
      waitingApps: account.waitingApps,
    })),
    notKnown,
  };
}
