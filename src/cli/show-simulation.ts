import type { SimulatedApp } from '../core/explain/simulate.ts';
import { askedJson, refusedJson, showAsked, showQueue, showRefused } from './show-refusal.ts';
import { table } from './table.ts';
import { type Terminal, painted, section, wrapped } from './terminal.ts';

/** What a simulation answered, and in which cluster. */
export interface ShownSimulation {
  readonly apps: readonly SimulatedApp[];
  readonly nodes: number;
  /** Names of nodes that were thought up. */
  readonly added: readonly string[];
  readonly notKnown: readonly string[];
}

export function showSimulation({ apps, nodes, added, notKnown }: ShownSimulation, terminal: Terminal): string {
  const more = added.length === 0 ? '' : ` (${added.length} of them thought up: ${shortList(added)})`;
  return [
    `Simulated on ${nodes} nodes${more}. Nothing was written.\n`,
    ...apps.map((app) => showApp(app, terminal)),
    section(
      'NOT KNOWN',
      notKnown.flatMap((line) => wrapped(line, terminal)),
      terminal,
    ),
  ].join('');
}

function showApp(app: SimulatedApp, terminal: Terminal): string {
  const rows = [
    ...app.places.map(({ member, node, zone }) => [member, node, zone, '']),
    ...app.placed.map(({ member, node }) => [member, node, '', 'has it already']),
  ];
  const placed = app.places.length === 0 ? 'does not fit' : `only ${app.places.length} members fit`;
  const verdict = app.fits ? painted('fits', 'good', terminal) : painted(placed, 'bad', terminal);
  const waits = app.fits || app.queue === undefined ? '' : showQueue(app.queue, terminal);
  return [
    `\n${painted(`${app.namespace}/${app.name}`, 'strong', terminal)}  framework ${app.framework}  ${verdict}\n`,
    app.asked === undefined ? '' : showAsked(app.asked, terminal),
    section('PLACES', table(['MEMBER', 'NODE', 'ZONE', ''], rows, terminal), terminal),
    app.refused === undefined ? '' : showRefused(app.refused, terminal),
    waits,
  ].join('');
}

function shortList(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** The same for programs; see docs/cli.md. */
export function simulationJson({ apps, nodes, added, notKnown }: ShownSimulation): object {
  return {
    fits: apps.every(({ fits }) => fits),
    nodes,
    addedNodes: added,
    apps: apps.map((app) => ({
      namespace: app.namespace,
      name: app.name,
      framework: app.framework,
      fits: app.fits,
      asked: app.asked === undefined ? null : askedJson(app.asked),
      places: app.places.map(({ member, node, zone }) => ({ member, node, zone })),
      placed: app.placed,
      refused: app.refused === undefined ? null : refusedJson(app.refused),
      queue: app.queue ?? null,
    })),
    notKnown,
  };
}
