import { describe, expect, test } from '@jest/globals';
import { APP } from '../../../test/support/admission-builders.ts';
import { ADMISSION_SECONDS, AdmissionLedger, type Admission } from './ledger.ts';

const MEMBER = { app: APP, member: 'es-0' };

function admission(given: Partial<Admission> = {}): Admission {
  return { podUid: 'a', member: undefined, requests: { cpu: 100 }, nodes: ['n1', 'n2'], ...given };
}

function ledger(...admissions: readonly Admission[]): AdmissionLedger {
  const made = new AdmissionLedger();
  for (const each of admissions) made.record(each, 0);
  return made;
}

describe('the ledger', () => {
  test('counts a pod on every node that it may land on', () => {
    const sum = ledger(admission(), admission({ podUid: 'b', nodes: ['n1'] }));
    expect([sum.promised('n1', 'cpu', ''), sum.promised('n2', 'cpu', ''), sum.promised('n3', 'cpu', '')]).toEqual([
      200, 100, 0,
    ]);
  });

  test('does not count a pod against itself', () => {
    expect(ledger(admission()).promised('n1', 'cpu', 'a')).toBe(0);
  });

  test('replaces what it knew of a pod that asks again', () => {
    const twice = ledger(admission(), admission({ nodes: ['n3'] }));
    expect([twice.size, twice.promised('n1', 'cpu', ''), twice.promised('n3', 'cpu', '')]).toEqual([1, 0, 100]);
  });

  test('names the pod that was let through as a member, until it is released', () => {
    const held = ledger(admission({ member: MEMBER }));
    expect(held.holderOf(MEMBER)).toBe('a');
    held.release('a');
    expect(held.holderOf(MEMBER)).toBeUndefined();
  });

  test('forgets after its time', () => {
    const held = ledger(admission({ member: MEMBER }));
    held.expire(ADMISSION_SECONDS - 1);
    expect(held.size).toBe(1);
    held.expire(ADMISSION_SECONDS);
    expect([held.size, held.holderOf(MEMBER), held.promised('n1', 'cpu', '')]).toEqual([0, undefined, 0]);
  });

  test('gives a pod that asks again its full time, and forgets others in time', () => {
    const held = ledger(admission(), admission({ podUid: 'b' }));
    held.record(admission(), 20);
    held.expire(ADMISSION_SECONDS);
    expect(held.promised('n1', 'cpu', '')).toBe(100);
    held.expire(20 + ADMISSION_SECONDS);
    expect(held.size).toBe(0);
  });

  test('keeps a pod that is being bound as long as that takes, and counts it on that node only', () => {
    const held = ledger(admission());
    held.binding('a', 'n2', 1);
    held.expire(1000);
    expect([held.promised('n1', 'cpu', ''), held.promised('n2', 'cpu', '')]).toEqual([0, 100]);
  });

  test('lets the clock run again when the binding ended without success', () => {
    const held = ledger(admission());
    held.binding('a', 'n2', 1);
    held.binding('a', '', 100);
    held.expire(100 + ADMISSION_SECONDS - 1);
    expect(held.size).toBe(1);
    held.expire(100 + ADMISSION_SECONDS);
    expect(held.size).toBe(0);
  });

  test('ignores pods that it never let through', () => {
    const held = ledger();
    held.binding('x', 'n1', 0);
    held.release('x');
    expect(held.size).toBe(0);
  });
});
