import { stringify } from 'yaml';
import { crdOf } from '../src/api/crd.ts';
import { GROUP } from '../src/api/group.ts';
import { KINDS } from '../src/api/kind.ts';
import { referenceIndex, referencePage } from '../src/api/reference.ts';

export const CRD_FOLDERS = ['crds', 'charts/proffer/files/crds'];
export const REFERENCE_FOLDER = 'docs/reference';

/** Every generated file, by its path in the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const kind of KINDS) {
    const crd = `# Generated from src/api by npm run generate. Do not edit.\n${stringify(crdOf(kind), { lineWidth: 0, aliasDuplicateObjects: false })}`;
    for (const folder of CRD_FOLDERS) files.set(`${folder}/${GROUP}_${kind.plural}.yaml`, crd);
    files.set(`${REFERENCE_FOLDER}/${kind.singular}.md`, referencePage(kind));
  }
  files.set(`${REFERENCE_FOLDER}/README.md`, referenceIndex(KINDS));
  return files;
}
