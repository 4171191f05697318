import type { IncomingMessage } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AdmissionDesk, Answer } from './admission-desk.ts';
import type { Verb } from './metrics.ts';
import { readBody } from './read-body.ts';
import { WireError } from './wire-error.ts';
import { filterError } from './wire.ts';
import { YoungGarbage } from './young-garbage.ts';

/** What the HTTP side reports; a pino logger is one. */
export interface AppLog {
  warn(fields: object, message: string): void;
}

/** 5,000 names are 0.22 MB; a pod may be 1.5 MB. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** The cache worker reports every second: silent for so long, it hangs, and only a restart helps. */
const SILENT_WORKER_SECONDS = 60;

/** The extender's HTTP side, without a server around it: tests inject requests. */
export function makeApp(desk: AdmissionDesk, log: AppLog): FastifyInstance {
  const app = fastify({
    logger: false,
    // kube-scheduler's Go client keeps idle connections for 90 s and does not retry a POST on one that we just closed.
    keepAliveTimeout: 120_000,
    bodyLimit: BODY_LIMIT,
    requestTimeout: 10_000,
    http: { headersTimeout: 5000 },
    forceCloseConnections: true,
    return503OnClosing: true,
  });
  // Parsed by wire.ts, whatever the content type says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, desk.buffers, BODY_LIMIT),
  );

  const garbage = new YoungGarbage();
  serve(app, { desk, log, garbage, verb: 'filter', answer: (body) => desk.filter(body) });
  serve(app, { desk, log, garbage, verb: 'prioritize', answer: (body) => desk.prioritize(body) });
  serve(app, { desk, log, garbage, verb: 'preempt', answer: (body) => desk.preempt(body) });

  serveHealth(app, desk);
  return app;
}

/** /livez, /readyz and /metrics alone, for an address that others may reach. */
export function makeHealthApp(desk: AdmissionDesk): FastifyInstance {
  const app = fastify({ logger: false, forceCloseConnections: true });
  serveHealth(app, desk);
  return app;
}

/** Well without a problem; else 503 with it. */
function say(reply: FastifyReply, problem: string | undefined): FastifyReply {
  return problem === undefined ? reply.send('ok\n') : reply.code(503).send(`${problem}\n`);
}

function serveHealth(app: FastifyInstance, desk: AdmissionDesk): void {
  const isSilent = (): boolean => desk.synced && desk.pulseAgeSeconds() > SILENT_WORKER_SECONDS;
  app.get('/livez', (_request, reply) => say(reply, isSilent() ? 'the cache worker is silent' : undefined));
  app.get('/readyz', (_request, reply) => say(reply, desk.unready));
  app.get('/metrics', async (_request, reply) =>
    reply.type(desk.metrics.registry.contentType).send(await desk.metrics.registry.metrics()),
  );
}

interface Route {
  readonly desk: AdmissionDesk;
  readonly log: AppLog;
  readonly garbage: YoungGarbage;
  readonly verb: Verb;
  readonly answer: (body: Buffer) => Answer | Promise<Answer>;
}

function serve(app: FastifyInstance, { desk, log, garbage, verb, answer }: Route): void {
  app.post<{ Body: Buffer }>(`/${verb}`, async (request, reply) => {
    const started = performance.now();
    const { length } = request.body;
    const observe = (outcome: Answer['outcome'], nodes: number): void =>
      desk.metrics.observe(verb, outcome, nodes, (performance.now() - started) / 1000);
    try {
      const { unready } = desk;
      if (unready !== undefined) {
        observe('unready', 0);
        return await reply.code(503).send(unready);
      }
      const { json, outcome, nodes } = await answer(request.body);
      observe(outcome, nodes);
      // When all of it is with the operating system. An answer that never gets there takes its buffer with it.
      reply.raw.once('finish', () => {
        desk.buffers.giveBack(json);
        garbage.add(length);
      });
      return await sendJson(reply, json);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      observe('invalid', 0);
      log.warn({ verb, problem: error.message }, 'a request was not understood');
      // kube-scheduler shows a filter's Error in the pod's events, and of a status code nothing but the number.
      return verb === 'filter'
        ? await sendJson(reply, Buffer.from(filterError(error.message)))
        : await reply.code(400).send(error.message);
    } finally {
      desk.buffers.giveBack(request.body);
    }
  });
}

/** As bytes: no serialisation, no compression, and one write of a third of a megabyte costs less than as a string. */
function sendJson(reply: FastifyReply, json: Buffer): FastifyReply {
  return reply.type('application/json').send(json);
}
