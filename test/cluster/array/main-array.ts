// The array's process: node main-array.ts CONFIG.json. It runs until SIGTERM; mounted volumes go on without it.
import { readFileSync } from 'node:fs';
import type { ArrayNode } from './array-control.ts';
import { openState } from './array-state.ts';
import { callGate } from './call-gate.ts';
import { serveControl } from './control-server.ts';
import { controllerService } from './controller-service.ts';
import { arrayDir, controllerSocket, controlSocket } from './driver-name.ts';
import { groupControllerService } from './group-controller-service.ts';
import { identityService } from './identity-service.ts';
import { NodeServers } from './node-servers.ts';
import type { PoolSpec } from './pools.ts';
import { loadService } from './protos.ts';
import { dropDeadStages } from './recover.ts';
import { serveGrpc } from './serve-grpc.ts';

/** What startArray writes down for this process. */
export interface ArrayConfig {
  readonly stateDir: string;
  readonly nodes: readonly ArrayNode[];
  readonly pools: readonly PoolSpec[];
  readonly strictNodes: boolean;
  readonly csiProto: string;
  readonly registrationProto: string;
}

const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`);

async function main(configPath: string): Promise<void> {
  const config = JSON.parse(readFileSync(configPath, 'utf8')) as ArrayConfig;
  const { stateDir, pools, strictNodes, csiProto, registrationProto } = config;
  const array = openState({ folder: arrayDir(stateDir), pools, strictNodes, log });
  await dropDeadStages(array);
  const identity = loadService(csiProto, 'csi.v1.Identity');
  const controller = [
    { service: identity, calls: identityService },
    { service: loadService(csiProto, 'csi.v1.Controller'), calls: controllerService(array) },
    { service: loadService(csiProto, 'csi.v1.GroupController'), calls: groupControllerService(array) },
  ];
  const csi = await serveGrpc(controllerSocket(stateDir), controller, callGate(array));
  const node = loadService(csiProto, 'csi.v1.Node');
  const registration = loadService(registrationProto, 'pluginregistration.Registration');
  const nodes = new NodeServers(array, { identity, node, registration });
  const started = array.nodes.list();
  for (const wish of config.nodes) {
    await nodes.start(started.find(({ name }) => name === wish.name) ?? { ...wish, poweredOff: false });
  }
  for (const added of started.filter(({ name }) => config.nodes.every((wish) => wish.name !== name)))
    await nodes.start(added);
  const control = await serveControl(controlSocket(stateDir), array, nodes);
  log(`The array serves ${array.volumes.list().length} volumes to ${array.nodes.list().length} nodes`);
  process.once('SIGTERM', () => {
    control.close();
    nodes.stop();
    csi.close();
    void array.slowDisks.stopAll().finally(() => process.exit(0));
  });
}

const [configPath] = process.argv.slice(2);
if (configPath === undefined) throw new Error('usage: node main-array.ts CONFIG.json');
await main(configPath);
