/** Tests are ES modules in TypeScript, stripped by SWC. Which files belong to which tier is decided in test/tiers.ts. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '<rootDir>/scripts/swc-transform.ts',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/scripts'],
  testMatch: ['<rootDir>/{src,test,scripts}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/test/cluster/.*/node_modules'],
  watchman: false,
  // For busy machines; a test that waits says so, and bounds it itself. Laws that are tried more often take longer (test/support/law-runs.ts).
  testTimeout: 20_000 * Number(process.env['PROFFER_LAWS_TIMES'] ?? 1),
};
