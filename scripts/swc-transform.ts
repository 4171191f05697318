// How Jest strips types: by SWC, whose result is kept per file. @swc/jest alone would keep it per file and per set of options that Jest was
// started with, so that every tier, and every run narrowed to a few files, compiled all of the sources again.
import swc from '@swc/jest';

type SwcTransformer = ReturnType<typeof swc.createTransformer>;

/** Of what Jest asks a transformer: https://jestjs.io/docs/code-transformation#writing-custom-transformers. */
export function createTransformer(options: Parameters<typeof swc.createTransformer>[0]): SwcTransformer {
  const transformer = swc.createTransformer(options);
  return {
    ...transformer,
    // Of Jest's configuration the result depends on nothing but `options`, which are in the key anyway.
    getCacheKey: (source, path, about) =>
      transformer.getCacheKey?.(source, path, { ...about, configString: '' }) ?? `${path}\0${source}`,
  };
}
