// Loads what the programs load, and ends. Node.js keeps compiled code (NODE_COMPILE_CACHE) when a process ends by itself, and most of those that
// tests start are killed: without this each start compiles everything again, at a cost of half a second of CPU.
await Promise.all([import('../src/operator/run-operator.ts'), import('../src/extender/run-extender.ts')]);
