import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { run } from '../command.ts';
import { findGo } from '../go-toolchain.ts';
import { SNAPSHOT_CRDS } from './snapshot-crds.ts';

/** Files of Go modules that the array needs when it runs; whoever builds the programs may keep them in `share/` beside them. */
export const ARRAY_FILES = {
  csi: { module: 'github.com/container-storage-interface/spec', path: 'csi.proto' },
  registration: { module: 'k8s.io/kubelet', path: 'pkg/apis/pluginregistration/v1/api.proto' },
  ...SNAPSHOT_CRDS,
} as const;

export type ArrayFile = keyof typeof ARRAY_FILES;

/** The tool module whose go.mod says which version of each file is meant. */
const TOOL_MODULE = fileURLToPath(new URL('..', import.meta.url));

/** Path of the file: from `share/` of the programs' folder if it is there, else from Go's module cache. */
export async function findArrayFile(name: ArrayFile, binDir: string, log: (line: string) => void): Promise<string> {
  const { module, path } = ARRAY_FILES[name];
  const shared = join(binDir, 'share', basename(path));
  if (existsSync(shared)) return shared;
  const go = await findGo(log);
  const options = { cwd: TOOL_MODULE, env: { GOTOOLCHAIN: 'local', GOFLAGS: '' }, timeoutSeconds: 300 };
  await run(go, ['mod', 'download', module], options);
  return join((await run(go, ['list', '-m', '-f', '{{.Dir}}', module], options)).trim(), path);
}

/** A gRPC service of the proto file, for instance `csi.v1.Node`. Throws when the file has none of that name. */
export function loadService(protoPath: string, name: string): ServiceDefinition {
  const definitions = loadSync(protoPath, {
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  const found = definitions[name];
  if (found === undefined || 'format' in found) throw new Error(`${protoPath} has no service ${name}`);
  return found;
}
