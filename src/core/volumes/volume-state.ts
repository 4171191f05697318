import type { VolumeStatus } from '../../api/member-status.ts';
import type { ClaimFacts } from '../facts/storage-facts.ts';
import { showBytes } from '../resources/show-amount.ts';

const FAILED: ReadonlySet<string> = new Set(['ControllerResizeError', 'NodeResizeError', 'ModifyVolumeError']);
const WAITS_FOR_NODE: ReadonlySet<string> = new Set(['NodeResizePending', 'NodeResizeInProgress']);

/** What a claim is doing, and why it is not simply Bound: with numbers, and in the driver's own words where there are any. */
export function volumeState(claim: ClaimFacts): { readonly state: VolumeStatus['state']; readonly message: string } {
  const said = claim.conditions.find(({ message }) => message !== '')?.message ?? '';
  if (claim.phase === 'Lost') return { state: 'Lost', message: said || 'its PersistentVolume is gone' };
  if (claim.phase === 'Pending') return { state: 'Pending', message: said };
  if (hasFailed(claim)) return { state: 'Failed', message: failure(claim, said) };
  if (isGrowing(claim)) return { state: 'Resizing', message: `${growing(claim)}: ${waitsFor(claim, said)}` };
  if (isBeingModified(claim)) return { state: 'Resizing', message: modifying(claim) };
  return { state: 'Bound', message: '' };
}

function hasFailed({ conditions, resizeStatus, modifyStatus }: ClaimFacts): boolean {
  if (resizeStatus?.endsWith('Infeasible') === true || modifyStatus === 'Infeasible') return true;
  return conditions.some(({ type }) => FAILED.has(type));
}

function failure(claim: ClaimFacts, said: string): string {
  const what = isGrowing(claim) ? `${growing(claim)} failed and is tried again` : 'a change of the volume failed';
  const why = claim.conditions.find(({ type }) => FAILED.has(type))?.message ?? '';
  return `${what}: ${why || said || (claim.resizeStatus ?? '')}`;
}

/** It asks for more than it has. */
export function isGrowing(claim: ClaimFacts): boolean {
  return claim.phase === 'Bound' && claim.bytes > claim.actualBytes;
}

/** Its volume has not the VolumeAttributesClass that it asks for. */
function isBeingModified({ attributesClass, currentAttributesClass }: ClaimFacts): boolean {
  return attributesClass !== undefined && attributesClass !== currentAttributesClass;
}

function growing({ actualBytes, bytes }: ClaimFacts): string {
  return `growing from ${showBytes(actualBytes)} to ${showBytes(bytes)}`;
}

/** The storage has grown the volume, and its node is to grow the file system. */
export function waitsForNode({ conditions, resizeStatus }: ClaimFacts): boolean {
  return WAITS_FOR_NODE.has(resizeStatus ?? '') || conditions.some(({ type }) => type === 'FileSystemResizePending');
}

function waitsFor(claim: ClaimFacts, said: string): string {
  if (waitsForNode(claim)) {
    return `the storage has it, and the node is to grow the file system${said === '' ? '' : ` (${said})`}`;
  }
  return said === '' ? 'waits for the storage' : said;
}

function modifying({ attributesClass, currentAttributesClass, modifyStatus, conditions }: ClaimFacts): string {
  const from = currentAttributesClass === undefined ? '' : ` from ${currentAttributesClass}`;
  const what = `changing its VolumeAttributesClass${from} to ${attributesClass ?? ''}`;
  if (modifyStatus === undefined) {
    return `${what}: nothing has taken it up; the class must exist, and the driver must have ModifyVolume (see its documentation)`;
  }
  const said = conditions.find(({ type }) => type === 'ModifyingVolume')?.message ?? '';
  return `${what}: ${modifyStatus}${said === '' ? '' : ` (${said})`}`;
}
