/** The tiers of tests, in the order they run. `args` are Jest's; `timeoutSeconds` bounds the whole tier. */
export const TIERS = {
  unit: { args: ['--testPathPatterns', '/(src|scripts)/'], timeoutSeconds: 60 },
  laws: { args: ['--testPathPatterns', '/test/(laws|support)/'], timeoutSeconds: 300 },
  integration: { args: ['--testPathPatterns', '/test/(integration|cluster)/', '--runInBand'], timeoutSeconds: 1200 },
  faults: { args: ['--testPathPatterns', '/test/faults/', '--runInBand'], timeoutSeconds: 1800 },
  e2e: { args: ['--testPathPatterns', '/test/e2e/', '--runInBand'], timeoutSeconds: 1800 },
} as const satisfies Record<string, { readonly args: readonly string[]; readonly timeoutSeconds: number }>;

export type Tier = keyof typeof TIERS;

export function isTier(name: string): name is Tier {
  return Object.hasOwn(TIERS, name);
}
