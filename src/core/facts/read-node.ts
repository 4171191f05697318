import { ANNOTATION_FENCED, ANNOTATION_KEEPS_NODE, NODE_PROTECTIONS } from '../../api/labels.ts';
import { parseResourceList } from '../resources/resource-list.ts';
import { listOf, objectOf, textMapOf, textOf } from './json.ts';
import type { NodeFacts, Taint } from './node-facts.ts';
import { readMeta } from './read-meta.ts';

const EFFECTS: ReadonlySet<string> = new Set(['NoSchedule', 'PreferNoSchedule', 'NoExecute']);

/** A Node as JSON. A node without a Ready condition is not ready. */
export function readNode(raw: unknown): NodeFacts {
  const node = objectOf(raw);
  const { name, uid, labels, annotations } = readMeta(node);
  const spec = objectOf(node['spec']);
  const status = objectOf(node['status']);
  const ready = listOf(status['conditions'])
    .map(objectOf)
    .find((condition) => condition['type'] === 'Ready');
  return {
    name,
    uid,
    labels,
    taints: listOf(spec['taints'])
      .map(readTaint)
      .filter((taint) => EFFECTS.has(taint.effect)),
    unschedulable: spec['unschedulable'] === true,
    ready: ready?.['status'] === 'True',
    allocatable: parseResourceList(textMapOf(status['allocatable'])),
    ...protectionOf(annotations),
    ...fencingOf(annotations),
    ...machineOf(textOf(spec['providerID']), textOf(objectOf(status['nodeInfo'])['bootID'])),
  };
}

function readTaint(raw: unknown): Taint {
  const taint = objectOf(raw);
  return {
    key: textOf(taint['key']),
    value: textOf(taint['value']),
    effect: textOf(taint['effect']) as Taint['effect'],
  };
}

const PROTECTIONS = [...NODE_PROTECTIONS, ANNOTATION_KEEPS_NODE];

function protectionOf(annotations: Readonly<Record<string, string>>): Pick<NodeFacts, 'protection'> {
  const found = PROTECTIONS.flatMap((name) => {
    const value = annotations[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return found.length === 0 ? {} : { protection: Object.fromEntries(found) };
}

function fencingOf(annotations: Readonly<Record<string, string>>): Pick<NodeFacts, 'fencedByUs'> {
  const fencedByUs = annotations[ANNOTATION_FENCED];
  return fencedByUs === undefined ? {} : { fencedByUs };
}

function machineOf(providerID: string, bootID: string): Pick<NodeFacts, 'providerID' | 'bootID'> {
  return { ...(providerID === '' ? {} : { providerID }), ...(bootID === '' ? {} : { bootID }) };
}
