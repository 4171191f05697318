import { describe, expect, test } from '@jest/globals';
import { formatBytes, formatCpuMillis, parseBytes, parseCpuMillis, parseQuantity } from './quantity.ts';

describe('a quantity', () => {
  test.each([
    ['0', 0],
    ['2', 2],
    ['1500m', 1.5],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+1', 1],
    ['-1', -1],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1e-3', 0.001],
    ['1E', 1e18],
    ['1k', 1000],
    ['1M', 1e6],
    ['1Ki', 1024],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['100n', 1e-7],
    [' 7 ', 7],
    [3, 3],
  ])('%s is %d', (text, amount) => {
    expect(parseQuantity(text)).toBe(amount);
  });

  test.each(
    ['', 'abc', '1 Gi', '1gi', '1KI', '10 ', '1.2.3', '--1', 'Gi', '.', '1ee3', '1e', 'Infinity'].filter(
      (text) => text.trim() === text,
    ),
  )('"%s" is none, and the error quotes it', (text) => {
    expect(() => parseQuantity(text)).toThrow(`"${text}" is not a quantity`);
  });

  test.each([
    ['1', 1000],
    ['0.28', 280],
    ['0.57', 570],
    ['1.001', 1001],
    ['0.0001', 1],
    ['100u', 1],
    ['250m', 250],
    ['2.5', 2500],
  ])('%s CPU is %d millicores, rounded up and exact', (text, millis) => {
    expect(parseCpuMillis(text)).toBe(millis);
  });

  test.each([
    ['1', 1],
    ['1.1', 2],
    ['1m', 1],
    ['10Gi', 10 * 2 ** 30],
    ['0.1Gi', 107374183],
    ['16Ei', Number.MAX_SAFE_INTEGER],
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
  ])('%s is %d bytes, rounded up and never beyond what adds up exactly', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each([
    [0, '0'],
    [1000, '1000'],
    [1024, '1Ki'],
    [10 * 2 ** 30, '10Gi'],
    [1536 * 2 ** 20, '1536Mi'],
  ])('%d bytes are written %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each([
    [0, '0'],
    [2000, '2'],
    [1500, '1500m'],
  ])('%d millicores are written %s', (millis, text) => {
    expect(formatCpuMillis(millis)).toBe(text);
    expect(parseCpuMillis(text)).toBe(millis);
  });
});
