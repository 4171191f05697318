import { stringify } from 'yaml';
import { WHEN_MADE_AGAIN, adoptionChanges, statefulSetDifference } from '../core/adoption/adoption-changes.ts';
import type { AdoptionReport } from './read-adoptee.ts';
import { table } from './table.ts';
import { type Terminal, painted, section, wrapped } from './terminal.ts';

/** The report for people: what changes on which object, what is against it, and the manifest. */
export function showAdoption(report: AdoptionReport, terminal: Terminal): string {
  const { statefulSet, refused, notes, pods } = report;
  const { namespace = '', name } = statefulSet.metadata;
  const rows = adoptionChanges(report).map(({ object, change }) => [object, change]);
  const title = `StatefulSet ${namespace}/${name} becomes PersistentApp ${namespace}/${name}: ${count(pods.length, 'pod')} run on, none restarts`;
  return [
    `${painted(title, 'strong', terminal)}\n`,
    section(
      'REFUSED',
      refused.flatMap((text) => wrapped(text, terminal)),
      terminal,
    ),
    section('WHAT CHANGES', table(['OBJECT', 'WHAT'], rows, { ...terminal, width: undefined }), terminal),
    section(
      'DIFFERENCE OF THE STATEFULSET',
      statefulSetDifference(report).map((line) => `  ${line}`),
      terminal,
    ),
    section(
      'WHAT A POD HAS MORE WHEN IT IS MADE AGAIN',
      WHEN_MADE_AGAIN.flatMap((text) => wrapped(text, terminal)),
      terminal,
    ),
    section(
      'NOTES',
      notes.flatMap((text) => wrapped(text, terminal)),
      terminal,
    ),
    section(
      'MANIFEST',
      manifestYaml(report)
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      terminal,
    ),
  ].join('');
}

export function manifestYaml({ manifest }: Pick<AdoptionReport, 'manifest'>): string {
  return stringify(manifest, { aliasDuplicateObjects: false });
}

/** For `-o json`. `adopted`: it was asked for, and is done. */
export function adoptionJson(report: AdoptionReport, adopted: boolean): object {
  const { namespace = '', name, uid = '' } = report.statefulSet.metadata;
  return {
    statefulSet: { namespace, name, uid },
    adopted,
    refused: report.refused,
    notes: report.notes,
    changes: adoptionChanges(report),
    difference: statefulSetDifference(report),
    pods: report.pods.map((pod) => ({ name: pod.name, uid: pod.uid, node: pod.nodeName, restarts: false })),
    manifest: report.manifest,
  };
}

function count(of: number, what: string): string {
  return `${of} ${what}${of === 1 ? '' : 's'}`;
}
