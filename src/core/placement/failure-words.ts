import { formatTime } from '../app/rfc3339.ts';
import { showBytes } from '../resources/show-amount.ts';
import type { ProvisioningFailure } from '../view/provisioning-failures.ts';

/** Of what a driver says; some append whole requests. */
const QUOTED_CHARACTERS = 200;

/**
 * Why no volume of the class is tried for the node now. With times of day, not with seconds that pass: these would make other words at each
 * look, and so a write of status.
 */
export function failureWords(storageClassName: string, node: string, failure: ProvisioningFailure): string {
  const { atSeconds, untilSeconds, leastBytes, message = '' } = failure;
  const at = atSeconds === undefined ? '' : ` at ${formatTime(atSeconds)}`;
  const size = leastBytes === undefined ? '' : ` of ${showBytes(leastBytes)}`;
  const said = message === '' ? '' : `: ${message.replaceAll(/\s+/g, ' ').slice(0, QUOTED_CHARACTERS)}`;
  return `the driver could not make a volume${size} of class ${storageClassName} for node ${node}${at} (tried again at ${formatTime(untilSeconds)})${said}`;
}
