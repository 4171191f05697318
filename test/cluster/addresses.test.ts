import { describe, expect, test } from '@jest/globals';
import { addressesOf, nodeAddressesOf } from './addresses.ts';

describe('clusters side by side', () => {
  test('share nothing that must differ', () => {
    const clusters = Array.from({ length: 30 }, (_, index) => addressesOf(index));
    for (const pick of ['bridge', 'bridgeCidr', 'podCidr', 'stateDir'] as const) {
      expect(new Set(clusters.map((cluster) => cluster[pick])).size).toBe(30);
    }
    const ports = clusters.flatMap((cluster) => Object.values(cluster.ports));
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  test('have nodes that share nothing either', () => {
    const nodes = [0, 1].flatMap((index) => [1, 2, 3].map((number) => nodeAddressesOf(addressesOf(index), number)));
    for (const pick of ['netns', 'link', 'cgroup', 'ip', 'podCidr', 'stateDir'] as const) {
      expect(new Set(nodes.map((node) => node[pick])).size).toBe(6);
    }
  });

  test('name links that the kernel accepts', () => {
    expect(nodeAddressesOf(addressesOf(29), 9).link.length).toBeLessThan(16);
  });

  test('keep sockets within the length that the kernel allows', () => {
    const { stateDir } = nodeAddressesOf(addressesOf(29, '/var/lib/proffer-clusters/29'), 9);
    const socket = `${stateDir}/kubelet/plugins_registry/array.proffer.dev-reg.sock`;
    expect(socket.length).toBeLessThan(108);
  });

  test.each([-1, 30, 1.5, Number.NaN])('refuse index %p', (index) => {
    expect(() => addressesOf(index)).toThrow(/must be a whole number from 0 to 29/);
  });

  test('deal the three zones in turn', () => {
    const zones = [1, 2, 3, 4].map((number) => nodeAddressesOf(addressesOf(0), number).zone);
    expect(zones).toEqual(['z1', 'z2', 'z3', 'z1']);
  });
});
