import { fastify } from 'fastify';
import type { Registry } from 'prom-client';

export interface HealthSource {
  /** Why this process should be restarted; undefined while it is well. */
  readonly sick: () => string | undefined;
  /** Why it is not ready yet; undefined once its caches are synced. Leading is not required: a standby is ready. */
  readonly unready: () => string | undefined;
}

export interface HttpServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves /metrics, /livez and /readyz. Throws when the port is taken. */
export async function startHttp(
  host: string,
  port: number,
  registry: Registry,
  health: HealthSource,
): Promise<HttpServer> {
  const app = fastify({ logger: false, forceCloseConnections: true });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get('/livez', (_request, reply) => answer(reply, health.sick()));
  app.get('/readyz', (_request, reply) => answer(reply, health.unready()));
  await app.listen({ host, port });
  const address = app.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, close: () => app.close() };
}

function answer(
  reply: { code: (status: number) => { send: (text: string) => unknown } },
  problem: string | undefined,
): unknown {
  return problem === undefined ? reply.code(200).send('ok\n') : reply.code(503).send(`${problem}\n`);
}
