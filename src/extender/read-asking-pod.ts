import type { AskingPod } from '../core/admission/admission-world.ts';
import { objectOf } from '../core/facts/json.ts';
import { readMeta } from '../core/facts/read-meta.ts';
import { podRequests } from '../core/resources/pod-requests.ts';
import { WireError } from './wire-error.ts';

/** The pod of a request. Throws WireError when a quantity is malformed, which the API server would not have let in. */
export function readAskingPod(raw: unknown): AskingPod {
  const pod = objectOf(raw);
  const { uid, namespace, name, owner, labels } = readMeta(pod);
  try {
    return { uid, namespace, name, owner, labels, requests: podRequests(pod['spec'], pod['status']) };
  } catch (error) {
    throw new WireError(`pod ${namespace}/${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
