/** The import line of ARCHITECTURE.md: api → core → kube → operator | extender | cli → main. A file imports only from its left. */
const mayImport = (layer, left, comment) => ({
  name: `${layer}-imports-only-from-its-left`,
  comment,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: [`^src/${layer}/`, ...left.map((name) => `^src/${name}/`)] },
});

export default {
  forbidden: [
    mayImport('api', [], 'What users may write depends on nothing. A rule that decides belongs into src/core.'),
    mayImport(
      'core',
      ['api'],
      'Decisions know no Kubernetes client and no program. What talks belongs into src/kube, what wires into src/operator.',
    ),
    mayImport(
      'kube',
      ['api', 'core'],
      'How we talk to Kubernetes knows no program. A rule about one kind belongs into src/core or into the program.',
    ),
    mayImport(
      'operator',
      ['api', 'core', 'kube'],
      'Programs never import each other: what two of them need belongs into core (a decision) or kube (a way to talk).',
    ),
    mayImport(
      'extender',
      ['api', 'core', 'kube'],
      'Programs never import each other: what two of them need belongs into core (a decision) or kube (a way to talk).',
    ),
    mayImport(
      'cli',
      ['api', 'core', 'kube'],
      'Programs never import each other: what two of them need belongs into core (a decision) or kube (a way to talk).',
    ),
    {
      name: 'pure-code-imports-no-node',
      comment: 'api and core are pure. Pass what they need in as data.',
      severity: 'error',
      from: { path: '^src/(api|core)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-code-uses-few-packages',
      comment:
        'api builds its schemas with zod, and core reads the regular expressions of users with re2js; both are as pure.',
      severity: 'error',
      from: { path: '^src/(api|core)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^node_modules/', pathNot: '^node_modules/(zod|re2js)/' },
    },
    {
      name: 'only-kube-imports-the-client',
      comment: 'The Kubernetes client is wrapped in src/kube, where its traps are handled.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/kube/' },
      to: { path: '^node_modules/@kubernetes/client-node' },
    },
    {
      name: 'no-cycles',
      comment: 'Split the file by meaning.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|demo|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
