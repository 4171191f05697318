import type { AttachmentFacts, VolumeFacts } from '../facts/storage-facts.ts';

/**
 * Whether a volume of a class that promises exclusive attach is attached to two nodes at once, and which: the promise is broken then. An
 * attachment that is being taken away may be reported a moment longer than it lasts, and says nothing; nor does a volume that is meant
 * to be shared.
 */
export function secondAttach(
  attachments: readonly AttachmentFacts[],
  volumeOf: (name: string) => VolumeFacts | undefined,
  className: string,
): string | undefined {
  const nodeOf = new Map<string, string>();
  for (const { volumeName, nodeName, attached, deleting } of attachments) {
    if (!attached || deleting === true) continue;
    const volume = volumeOf(volumeName);
    if (volume === undefined || volume.storageClassName !== className || volume.isShared === true) continue;
    const other = nodeOf.get(volumeName) ?? nodeName;
    if (other !== nodeName)
      return `volume ${volumeName} was attached to ${[other, nodeName].toSorted().join(' and ')} at once`;
    nodeOf.set(volumeName, nodeName);
  }
  return undefined;
}
