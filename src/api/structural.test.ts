import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { listMap } from './list-map.ts';
import { quantity } from './quantity.ts';
import { rules } from './rules.ts';
import { NotStructuralError, structural } from './structural.ts';

const described = (schema: z.ZodType) => z.object({ field: schema.describe('A field.') });
const fieldOf = (schema: z.ZodType) => structural(described(schema)).properties?.['field'];

describe('a structural schema', () => {
  test('has no bounds of 2^53 on integers, and keeps those that were meant', () => {
    expect(fieldOf(z.int())).toEqual({ description: 'A field.', type: 'integer', format: 'int64' });
    expect(fieldOf(z.int().min(0).max(9))).toMatchObject({ minimum: 0, maximum: 9 });
  });

  test('keeps defaults, and does not require what has one', () => {
    const schema = structural(z.object({ a: z.int().default(3).describe('A.'), b: z.int().describe('B.') }));
    expect(schema.properties?.['a']?.default).toBe(3);
    expect(schema.required).toEqual(['b']);
  });

  test('lets closed objects be pruned, and open ones keep what is not listed', () => {
    expect(structural(z.object({}))).toEqual({ type: 'object', properties: {} });
    expect(structural(z.looseObject({}))).toMatchObject({ 'x-kubernetes-preserve-unknown-fields': true });
  });

  test('takes null for an optional field of an open object, as Kubernetes does in its own kinds', () => {
    const open = structural(z.looseObject({ a: z.int().optional().describe('A.'), b: z.int().describe('B.') }));
    expect(open.properties?.['a']?.nullable).toBe(true);
    expect(open.properties?.['b']?.nullable).toBeUndefined();
  });

  test('says quantities as the one union that Kubernetes allows', () => {
    expect(fieldOf(quantity())).toMatchObject({
      anyOf: [{ type: 'integer' }, { type: 'string' }],
      'x-kubernetes-int-or-string': true,
    });
    expect(fieldOf(quantity())?.type).toBeUndefined();
  });

  test('keeps CEL rules and list keys through defaults and descriptions', () => {
    const item = z
      .object({ name: z.string().max(9).describe('Its name.') })
      .meta(rules({ rule: 'true', message: 'fine' }));
    expect(fieldOf(listMap(item, 'name', 3).default([]))).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { 'x-kubernetes-validations': [{ rule: 'true', message: 'fine' }] },
    });
  });

  test.each([
    ['a union', z.union([z.string().max(1), z.int()]), 'field is a union'],
    ['a value of any type', z.unknown(), 'field has no type'],
    ['a string without a bound', z.string(), 'field is a string without maxLength'],
    ['a list without a bound', z.array(z.int()), 'field is a list without maxItems'],
    ['a pattern', z.string().max(3).regex(/^a$/), 'field uses pattern'],
    ['fields beside a map', z.object({}).catchall(z.int()), 'field has both fields and a map'],
  ])('refuses %s, and says where', (_, schema, message) => {
    expect(() => fieldOf(schema)).toThrow(NotStructuralError);
    expect(() => fieldOf(schema)).toThrow(message);
  });

  test('refuses a field without a description, however deep, with its path', () => {
    const deep = z.object({
      items: z
        .array(z.object({ name: z.int() }))
        .max(2)
        .describe('Items.'),
    });
    expect(() => structural(deep, 'spec')).toThrow('spec.items[].name has no description');
  });
});
