import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import helmet from 'helmet';
import { type Action, ActionError, perform } from '../actions/action.ts';
import { actions } from '../actions/registry.ts';
import { Rows } from '../actions/rows.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { answeredByVersion, fingerprintAsked, sendTagged } from './conditional.ts';
import { type ApiModules, callerOf, guestOf, type PartHealth } from './context.ts';
import { allowOrigins } from './cors.ts';
import { DASHBOARD_POLICY, dashboard } from './dashboard.ts';
import { streamEvents } from './event-stream.ts';
import { authenticate, refusalOfStranger, requireJson } from './guard.ts';
import { setOffMacro } from './macro-trigger.ts';
import { countRequests, nameVerb } from './metrics.ts';
import { openApiDocument } from './openapi/document.ts';
import { describeApi } from './openapi/serve.ts';
import { problem, problemOf, sendProblem } from './problem.ts';
import { limitRefusals, limitRequests } from './rate-limits.ts';
import { nameRequests } from './request-id.ts';
import { sendRows } from './rows.ts';
import { beginSession, endSession, showSession } from './session-routes.ts';
import { cutTo, type Fields, fieldsAsked } from './sparse.ts';
import { takeGrant } from './webex-grant.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const BODY_LIMIT = '256kb';
/** Of path and query, characters. */
const ADDRESS_LIMIT = 8_192;
/** What may succeed later may be tried again so soon. */
const RETRY_AFTER_SECONDS = '5';

/** roomd takes posts and requests whatever becomes of these. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  'fleet file',
  'certificate',
  'backups',
  'inventory',
  'notifiers',
  'webex',
  'meetings',
  'finesse',
  'chat',
  'mqtt',
]);

/** The whole HTTP surface: health, metrics and every verb under /api/v1. */
export function createApi(modules: ApiModules): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', modules.trustProxy.length === 0 ? false : [...modules.trustProxy]);
  app.disable('etag');
  app.use(countRequests(modules.registry, modules.clock));
  app.use(
    helmet({
      contentSecurityPolicy: DASHBOARD_POLICY,
      // Other ports and subdomains of the host may serve others, who speak plain HTTP.
      strictTransportSecurity: { includeSubDomains: false },
    }),
    nameRequests(modules.newId),
    boundedAddress,
  );
  app.get('/healthz', (request, response) => {
    const parts = healthFor(request, modules);
    response.json({ ok: parts.every(({ ok }) => ok), parts });
  });
  app.get('/readyz', (request, response) => {
    const reasons = healthFor(request, modules).flatMap(({ part, ok, reason }) => {
      return ok || NOT_ASKED.has(part) ? [] : [`${part}: ${reason}`];
    });
    response.status(reasons.length === 0 ? 200 : 503).json({ ready: reasons.length === 0, reasons });
  });
  const limits = { requests: limitRequests(), refusals: limitRefusals() };
  const { requests, refusals } = limits;
  app.get(
    '/metrics',
    requests,
    refusals.count,
    authenticate(modules.access),
    refusals.forgive,
    wholeFleet,
    metrics(modules),
  );
  app.get('{/*prefix}/webex/granted', limitRefusals().count, takeGrant(modules));
  const cors = allowOrigins(() => modules.ports.fleet().daemon.cors);
  describeApi(app, cors, openApiDocument(actions, modules.version));
  app.use('/api/v1', cors, apiRouter(modules, limits));
  app.use(dashboard());
  app.use((_request: Request, response: Response) =>
    sendProblem(response, problem(404, 'not-found', 'no such page')),
  );
  app.use(onError(modules.logger));
  return app;
}

/** Why a part is not well may name rooms and files: told to whoever the API answers without a token, and by the verb `system`. */
function healthFor(request: Request, { health, access }: ApiModules): readonly PartHealth[] {
  const isTold = access.isOpen && refusalOfStranger(request) === null;
  return health().map((part) => (part.ok || isTold ? part : { ...part, reason: 'not well' }));
}

interface Limits {
  readonly requests: RequestHandler;
  readonly refusals: ReturnType<typeof limitRefusals>;
}

function apiRouter(modules: ApiModules, { requests, refusals }: Limits): Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    // A page tells by it how long something lasts, whatever the clock of its own machine says.
    response.setHeader('Date', new Date(modules.clock.now()).toUTCString());
    next();
  });
  router.use(requests, refusals.count);
  router.post(
    '/macros/:macro/trigger',
    requireJson,
    express.json({ limit: BODY_LIMIT, strict: true }),
    refusals.forgiveLater,
    setOffMacro(modules),
  );
  router.post(
    '/session',
    requireJson,
    express.json({ limit: BODY_LIMIT, strict: true }),
    beginSession(modules),
  );
  router.use(authenticate(modules.access), refusals.forgive);
  router.use(requireJson);
  router.use(express.json({ limit: BODY_LIMIT, strict: true }));
  router.get('/session', showSession);
  router.post('/session/end', endSession(modules));
  router.get('/events', streamEvents(modules));
  for (const action of actions) {
    const { path, method } = action.http;
    if (method === 'GET') router.get(path, handle(action, modules));
    else router.post(path, handle(action, modules));
  }
  for (const path of new Set(actions.map(({ http }) => http.path))) router.all(path, otherMethod(path));
  return router;
}

function otherMethod(path: string): RequestHandler {
  const allowed = actions.filter(({ http }) => http.path === path).map(({ http }) => http.method);
  return (_request, response) => {
    response.setHeader('Allow', allowed.join(', '));
    sendProblem(response, problem(405, 'wrong-method', `this path takes ${allowed.join(' and ')}`));
  };
}

function handle(action: Action, { ports, signal, clock, logger }: ApiModules): RequestHandler {
  return async (request, response) => {
    nameVerb(response, action.name);
    if (action.http.method === 'GET') response.setHeader('Cache-Control', 'private, no-cache');
    else
      logger.info(
        { verb: action.name, actor: callerOf(response).actor, requestId: response.getHeader('X-Request-Id') },
        'A verb was asked for',
      );
    if (answeredByVersion(action, ports, { request, response })) return;
    const { input, fields } = inputOf(action, request);
    const { caller, signal: ended } = guestOf(response);
    const asked = {
      input,
      caller,
      ports,
      signal: whileConnected(response, AbortSignal.any([signal, ended])),
    };
    const result = await perform(action, asked);
    if (result instanceof Rows) await sendRows(result, { request, response, signal: asked.signal, clock });
    else sendTagged(JSON.stringify(cutTo(fields, result)), JSON_TYPE, { request, response });
  };
}

/** @throws ActionError `bad-input` */
function inputOf(action: Action, request: Request): { input: object; fields: Fields } {
  if (action.http.method === 'GET') {
    const { fields, rest } = fieldsAsked(action, request.query);
    return { input: { ...rest, ...request.params }, fields };
  }
  const body: unknown = request.body ?? {};
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ActionError('bad-input', 'the body must be a JSON object');
  return { input: { ...body, ...fingerprintAsked(action, request), ...request.params }, fields: null };
}

const boundedAddress: RequestHandler = (request, response, next) => {
  if (request.originalUrl.length <= ADDRESS_LIMIT) next();
  else sendProblem(response, problem(414, 'too-large', `an address may be ${ADDRESS_LIMIT} characters long`));
};

/** Aborts when the client goes away or the server stops. */
function whileConnected(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  });
  return AbortSignal.any([gone.signal, stopping]);
}

/** Figures are sums over the whole fleet. */
const wholeFleet: RequestHandler = (_request, response, next) => {
  if (callerOf(response).devices === null) next();
  else sendProblem(response, problem(403, 'forbidden', 'figures are of the fleet as a whole'));
};

function metrics({ registry }: ApiModules): RequestHandler {
  return async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  };
}

function onError(logger: Logger) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const requestId = response.getHeader('X-Request-Id');
    const about = { path: request.path, requestId, error: messageOf(error) };
    if (response.headersSent) {
      // Too late for a problem: what was begun is cut off, so that nobody takes it for the whole.
      logger.error(about, 'An answer was cut off');
      response.destroy();
      return;
    }
    const details = clientProblem(error) ?? problemOf(error);
    if (details.status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    if (details.status >= 500) logger.error(about, 'A request failed');
    sendProblem(response, details);
  };
}

/** What express itself and its body parser throw at a request that cannot be read. */
function clientProblem(error: unknown) {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  const { status } = error;
  if (status === 413) return problem(413, 'too-large', `a body may hold ${BODY_LIMIT}`);
  if (status === 415)
    return problem(415, 'bad-input', 'send the body as plain JSON in UTF-8, without a content encoding');
  const isClients = typeof status === 'number' && status >= 400 && status < 500;
  return isClients ? problem(400, 'bad-input', 'the address or the JSON of the body cannot be read') : null;
}
