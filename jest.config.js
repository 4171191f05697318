/** Tests are ES modules in TypeScript, stripped by SWC. Which files belong to which tier is decided in scripts/jest.ts. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } }],
  },
  testMatch: ['<rootDir>/{src,test,scripts}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/test/cluster/.*/node_modules'],
};
