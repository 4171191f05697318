import { hasDiskError } from '../recovery/disk-errors.ts';
import { podRequests } from '../resources/pod-requests.ts';
import { type Json, integerOf, listOf, objectOf, secondsOf, textOf } from './json.ts';
import type { PodExclusions, PodFacts } from './pod-facts.ts';
import { readHostPorts, readPodTerms } from './pod-term.ts';
import { claimsOf, sharedVolumesOf } from './pod-volumes.ts';
import { readMeta } from './read-meta.ts';

const PHASES: ReadonlySet<string> = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']);

/** A Pod as JSON. */
export function readPod(raw: unknown): PodFacts {
  const pod = objectOf(raw);
  const meta = readMeta(pod);
  const spec = objectOf(pod['spec']);
  const status = objectOf(pod['status']);
  const conditions = listOf(status['conditions']).map(objectOf);
  const ready = conditions.find((condition) => condition['type'] === 'Ready');
  const phase = textOf(status['phase'], 'Pending');
  return {
    uid: meta.uid,
    namespace: meta.namespace,
    name: meta.name,
    owner: meta.owner,
    labels: meta.labels,
    annotations: meta.annotations,
    schedulerName: textOf(spec['schedulerName'], 'default-scheduler'),
    nodeName: textOf(spec['nodeName']),
    phase: (PHASES.has(phase) ? phase : 'Unknown') as PodFacts['phase'],
    ready: ready?.['status'] === 'True',
    readySinceSeconds: secondsOf(ready?.['lastTransitionTime']),
    deleting: meta.deleting,
    createdAtSeconds: meta.createdAtSeconds,
    requests: podRequests(spec, status),
    claims: claimsOf(meta.name, spec),
    ...sharedVolumesOf(spec),
    problem: ready?.['status'] === 'True' ? undefined : problemOf(conditions, status),
    priority: integerOf(spec['priority']) ?? 0,
    excludes: exclusionsOf(meta.namespace, spec),
    ...diskErrorOf(status),
  };
}

function exclusionsOf(namespace: string, spec: Json): PodExclusions | undefined {
  const antiAffinity = readPodTerms(spec, 'podAntiAffinity', { namespace });
  const hostPorts = readHostPorts(spec);
  return antiAffinity.length + hostPorts.length === 0 ? undefined : { antiAffinity, hostPorts };
}

function problemOf(conditions: readonly Json[], status: Json): string | undefined {
  const scheduled = conditions.find((condition) => condition['type'] === 'PodScheduled');
  if (scheduled?.['status'] === 'False') return describe(scheduled);
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const item of listOf(status[list])) {
      const waiting = objectOf(objectOf(item)['state'])['waiting'];
      if (waiting !== undefined && waiting !== null) return describe(objectOf(waiting));
    }
  }
  return undefined;
}

/** The end of the container before, or of the one that waits to be started again: its termination message, which may be the end of its log. */
function diskErrorOf(status: Json): Pick<PodFacts, 'diskError'> {
  for (const item of listOf(status['containerStatuses'])) {
    const container = objectOf(item);
    for (const state of ['state', 'lastState']) {
      const message = textOf(objectOf(objectOf(container[state])['terminated'])['message']);
      if (message === '' || !hasDiskError(message)) continue;
      const runningSinceSeconds = secondsOf(objectOf(objectOf(container['state'])['running'])['startedAt']);
      return { diskError: { message: message.slice(-1024), runningSinceSeconds } };
    }
  }
  return {};
}

function describe(source: Json): string | undefined {
  const parts = [textOf(source['reason']), textOf(source['message'])].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(': ');
}
