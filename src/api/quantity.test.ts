import { describe, expect, test } from '@jest/globals';
import { growingSize, quantity, size } from './quantity.ts';

describe.each([
  ['an amount', quantity()],
  ['a size', size()],
  ['a size that grows', growingSize()],
])('%s', (_, schema) => {
  test.each([['10Gi'], ['500m'], ['0.5'], ['.5'], ['1e3'], ['1E6'], ['2Ti'], [4], ['4']])('may be %j', (value) => {
    expect(schema.parse(value)).toBe(value);
  });

  test.each([['10Gx'], ['ten'], [''], ['10 Gi'], ['1Gi2'], [0.5], [null], ['1'.repeat(33)]])(
    'may not be %j',
    (value) => {
      expect(schema.safeParse(value).success).toBe(false);
    },
  );
});
