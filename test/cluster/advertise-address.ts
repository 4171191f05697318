import { networkInterfaces } from 'node:os';
import type { Addresses } from './addresses.ts';
import { createBridge } from './network.ts';

/** Root gets a bridge, whose address nodes can reach; for others, fake nodes only, any address of the machine will do. */
export async function advertiseAddress(addresses: Addresses): Promise<string> {
  if (process.getuid?.() === 0) {
    await createBridge(addresses);
    return addresses.bridgeIp;
  }
  const own = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  if (own === undefined)
    throw new Error('This machine has no IPv4 address but loopback; the API server needs one to advertise.');
  return own.address;
}
