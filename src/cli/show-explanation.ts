import type { AppExplanation } from '../core/explain/explain-app.ts';
import { askedJson, refusedJson, showAsked, showQueue, showRefused } from './show-refusal.ts';
import { showSpan } from './show-amounts.ts';
import { table } from './table.ts';
import { type Terminal, painted, section, wrapped } from './terminal.ts';

/** One screen about one app. `now` is epoch seconds. */
export function showExplanation(
  found: AppExplanation,
  notKnown: readonly string[],
  { terminal, now }: { readonly terminal: Terminal; readonly now: number },
): string {
  const places = found.fits.map(({ member, node, zone }) => [member, node, zone]);
  return [
    `${painted(`${found.namespace}/${found.name}`, 'strong', terminal)}  framework ${found.framework}  ${verdict(found, terminal)}\n`,
    found.asked === undefined ? '' : showAsked(found.asked, terminal),
    section('WOULD GO TO', table(['MEMBER', 'NODE', 'ZONE'], places, terminal), terminal),
    found.refused === undefined ? '' : showRefused(found.refused, terminal),
    found.queue === undefined ? '' : showQueue(found.queue, terminal),
    section('MEMBERS', memberLines(found, terminal), terminal),
    section('DECLINED SO FAR', declinedLines(found, terminal, now), terminal),
    section('THE OPERATOR SAYS', operatorLines(found, terminal, now), terminal),
    section(
      'NOT KNOWN',
      notKnown.flatMap((line) => wrapped(line, terminal)),
      terminal,
    ),
  ].join('');
}

function verdict({ state, asked, slots, replicas, refused }: AppExplanation, terminal: Terminal): string {
  const lacking = asked?.members.length ?? 0;
  const members = lacking === 1 ? '1 member has' : `${lacking} members have`;
  switch (state) {
    case 'Placed':
      return painted(`all ${replicas} members have a slot: nothing is pending`, 'good', terminal);
    case 'Fits':
      return painted(`there is room now: ${members} no slot yet and get one`, 'good', terminal);
    case 'Refused':
      return painted(`${members} no place`, 'bad', terminal);
    case 'Idle':
      return 'it asks for nothing: it is suspended or paused';
    default:
      return painted(
        `held back: ${replicas - slots.length} of ${replicas} members have no slot, and none is asked for${refused === undefined ? '' : ` (${refused.reason})`}`,
        'bad',
        terminal,
      );
  }
}

function memberLines({ members, slots }: AppExplanation, terminal: Terminal): readonly string[] {
  const slotOf = new Map(slots.map((slot) => [slot.member, slot]));
  const rows = members.map(({ name, state, node, zone, message }) => {
    const slot = slotOf.get(name);
    const hold = slot?.holdUntil === undefined ? '' : ` until ${slot.holdUntil}`;
    return [name, state, node, zone, slot === undefined ? 'none' : `${slot.state}${hold}`, message ?? ''];
  });
  return table(['MEMBER', 'STATE', 'NODE', 'ZONE', 'SLOT', 'WHY'], rows, terminal);
}

/** Nodes whose declines are shown. */
const DECLINED = 8;

/** How often nodes were refused, as of when the answer changed last; since then it is the same. */
function declinedLines({ operator }: AppExplanation, terminal: Terminal, now: number): readonly string[] {
  const { declined = [], declinedMore = 0 } = operator?.offers ?? {};
  const ago = (time: string): string => `${showSpan(now - Date.parse(time) / 1000)} ago`;
  const rows = declined
    .slice(0, DECLINED)
    .map(({ node, reason, times, since, last }) => [node, reason, `${times}`, ago(since), ago(last)]);
  const shown = new Set(declined.slice(0, DECLINED).map(({ node }) => node));
  const hidden = new Set(declined.map(({ node }) => node).filter((node) => !shown.has(node)));
  const more = hidden.size + declinedMore;
  return [
    ...table(['NODE', 'REASON', 'TIMES', 'FIRST', 'LAST NEWS'], rows, terminal),
    ...(more === 0 ? [] : [`  and ${more} more nodes`]),
  ];
}

/** Conditions that are True when all is well, and tell only otherwise. */
const GOOD: ReadonlySet<string> = new Set(['Supported', 'VolumesHealthy']);

/** Conditions that say something is wrong or going on, in the operator's words; then what it counted of offers. */
function operatorLines({ operator }: AppExplanation, terminal: Terminal, now: number): readonly string[] {
  if (operator === undefined) return ['  nothing: it has not looked at the app yet (does it run?)'];
  const shown = operator.conditions.filter(
    ({ type, status, message }) =>
      message !== '' && (type === 'Ready' || type === 'Reserved' || status === (GOOD.has(type) ? 'False' : 'True')),
  );
  const rows = shown.map(({ type, status, reason, message }) => [type, status, reason, message]);
  const { pendingSince, attempts, rejected } = operator.offers;
  const since =
    pendingSince === undefined
      ? []
      : [`waits for ${showSpan(now - Date.parse(pendingSince) / 1000)} (since ${pendingSince})`];
  const counts = Object.entries(rejected).map(([reason, nodes]) => `${nodes} ${reason}`);
  const offers = [
    ...since,
    ...(pendingSince === undefined ? [] : [`its answer changed ${attempts} times`]),
    ...(counts.length === 0 ? [] : [`nodes refused: ${counts.join(', ')}`]),
  ];
  return [
    ...table(['CONDITION', 'STATUS', 'REASON', 'MESSAGE'], rows, terminal),
    ...(offers.length === 0 ? [] : wrapped(`offers: ${offers.join('; ')}`, terminal)),
  ];
}

/** The same for programs; see docs/cli.md. */
export function explanationJson(found: AppExplanation, notKnown: readonly string[]): object {
  const { operator } = found;
  return {
    app: { namespace: found.namespace, name: found.name, framework: found.framework, replicas: found.replicas },
    state: found.state,
    asked: found.asked === undefined ? null : askedJson(found.asked),
    places: found.fits.map(({ member, node, zone }) => ({ member, node, zone })),
    refused: found.refused === undefined ? null : refusedJson(found.refused),
    queue: found.queue ?? null,
    members: found.members.map(({ name, state, node, zone, message }) => ({
      member: name,
      state,
      node,
      zone,
      slot: found.slots.find(({ member }) => member === name)?.state ?? null,
      message: message ?? '',
    })),
    operator:
      operator === undefined
        ? null
        : {
            observedGeneration: operator.observedGeneration,
            conditions: operator.conditions,
            offers: operator.offers,
            operations: operator.operations,
          },
    notKnown,
  };
}
