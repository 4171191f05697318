import type { Asked, Refused } from '../core/explain/explain-app.ts';
import type { PlaceInQueue } from '../core/explain/place-in-queue.ts';
import { showBytes } from '../core/resources/show-amount.ts';
import { bytesText, resourcesJson, showResources, showShare } from './show-amounts.ts';
import { table } from './table.ts';
import { type Terminal, section, wrapped } from './terminal.ts';

/** What is asked for: one line, and one more for members that differ. */
export function showAsked(asked: Asked, terminal: Terminal): string {
  const { members, together, placed } = asked;
  const all = members.length === 1 ? '1 member' : `${members.length} members`;
  const start =
    together === 1 ? 'each by itself' : `${together === members.length ? 'all' : `${together}`} together or none`;
  const beside = placed === 0 ? '' : `, beside ${placed} placed`;
  const kinds = new Map<string, number>();
  for (const member of members) {
    const volumes = member.volumes.map(
      ({ claim, bytes, pool, storageClassName }) =>
        `${showBytes(bytes)} of ${pool === '' ? `storage class ${storageClassName}` : `pool ${pool}`} (${claim.replace(`-${member.member}`, '')})`,
    );
    const text = [showResources(member.requests) || 'no requests', ...volumes].join(', ');
    kinds.set(text, (kinds.get(text) ?? 0) + 1);
  }
  const lines = [...kinds].map(([text, count]) => (kinds.size === 1 ? `each: ${text}` : `${count} of: ${text}`));
  return section(
    'ASKED',
    [`${all}, ${start}${beside}`, ...lines].flatMap((line) => wrapped(line, terminal)),
    terminal,
  );
}

export function showRefused(refused: Refused, terminal: Terminal): string {
  const counts = refused.stages.flatMap(({ stage, reasons }) =>
    reasons.map(({ reason, nodes }, at) => [
      at === 0 ? stage : '',
      `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`,
      reason,
    ]),
  );
  const near = refused.nearest.flatMap(({ node, reasons }) =>
    reasons.map(({ reason, message }, at) => [at === 0 ? node : '', reason, message]),
  );
  return [
    section('WHY NOT', wrapped(`${refused.reason}: ${refused.message}`, terminal), terminal),
    section('NODES BY STAGE AND REASON', table(['STAGE', 'NODES', 'REASON'], counts, terminal), terminal),
    section('NEAREST NODES', table(['NODE', 'REASON', 'WHAT'], near, terminal), terminal),
    section('SMALLEST CHANGE THAT WOULD FIT', changeLines(refused, terminal), terminal),
    section('WHAT TO DO', refused.advice === '' ? [] : wrapped(refused.advice, terminal), terminal),
  ].join('');
}

function changeLines({ smallestChange, proven }: Refused, terminal: Terminal): readonly string[] {
  if (smallestChange === '') return [];
  const tried = proven ? 'tried on this cluster: then it fits' : 'could not be tried here: more may be needed';
  return wrapped(`${smallestChange} (${tried})`, terminal);
}

/** Apps ahead that are named. */
const NAMED = 5;

export function showQueue(queue: PlaceInQueue, terminal: Terminal): string {
  const own = `${queue.position} of ${queue.of}; framework ${queue.framework} has a share of ${showShare(queue.share)}`;
  const ahead = queue.ahead
    .slice(0, NAMED)
    .map(({ app, framework, share }) => `after ${app} (framework ${framework}, share ${showShare(share)})`);
  const more = queue.ahead.length > NAMED ? [`and ${queue.ahead.length - NAMED} more`] : [];
  return section(
    'QUEUE',
    [own, ...ahead, ...more].flatMap((line) => wrapped(line, terminal)),
    terminal,
  );
}

/** For `-o json`. */
export function askedJson({ members, together, total, placed }: Asked): object {
  return {
    together,
    placed,
    total: resourcesJson(total),
    members: members.map(({ member, requests, volumes }) => ({
      member,
      requests: resourcesJson(requests),
      volumes: volumes.map(({ claim, pool, storageClassName, bytes }) => ({
        claim,
        pool,
        storageClassName,
        size: bytesText(bytes),
      })),
    })),
  };
}

/** For `-o json`. */
export function refusedJson(refused: Refused): object {
  return {
    reason: refused.reason,
    message: refused.message,
    advice: refused.advice,
    stages: refused.stages,
    nearest: refused.nearest,
    smallestChange: refused.smallestChange,
    changes: refused.changes.map((change) =>
      change.kind === 'nodes' ? { ...change, room: resourcesJson(change.room) } : change,
    ),
    proven: refused.proven,
  };
}
