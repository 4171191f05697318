import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { generatedFiles } from './generated-files.ts';

const files = generatedFiles();

test('the chart gets the same bytes as crds/', () => {
  const crds = [...files].filter(([path]) => path.startsWith('crds/'));
  expect(crds).toHaveLength(6);
  for (const [path, content] of crds) expect(files.get(`charts/proffer/files/${path}`)).toBe(content);
});

test('every CRD is YAML that reads back as one, and every kind has a page', () => {
  for (const [path, content] of files) {
    if (!path.startsWith('crds/')) continue;
    const crd = parse(content) as { kind: string; spec: { names: { singular: string } } };
    expect(crd.kind).toBe('CustomResourceDefinition');
    expect(files.has(`docs/reference/${crd.spec.names.singular}.md`)).toBe(true);
  }
});

test('nothing depends on when it is generated', () => {
  expect(generatedFiles()).toEqual(files);
});
