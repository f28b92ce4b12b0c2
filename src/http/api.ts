import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { type Action, perform } from '../actions/action.ts';
import { actions } from '../actions/registry.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type ApiModules, callerOf } from './context.ts';
import { streamEvents } from './event-stream.ts';
import { authenticate, requireJson } from './guard.ts';
import { problem, problemOf, sendProblem } from './problem.ts';

const BODY_LIMIT = '256kb';
const REQUESTS_A_MINUTE = 600;

/** The whole HTTP surface: health, metrics and every verb under /api/v1. */
export function createApi(modules: ApiModules): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet());
  app.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  app.get('/readyz', (_request, response) => {
    const reasons = modules.unready();
    response.status(reasons.length === 0 ? 200 : 503).json({ ready: reasons.length === 0, reasons });
  });
  app.get('/metrics', metrics(modules));
  app.use('/api/v1', apiRouter(modules));
  app.use((_request: Request, response: Response) =>
    sendProblem(response, problem(404, 'not-found', 'no such page')),
  );
  app.use(onError(modules.logger));
  return app;
}

function apiRouter(modules: ApiModules): Router {
  const router = express.Router();
  router.use(
    rateLimit({
      windowMs: 60_000,
      limit: REQUESTS_A_MINUTE,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
    }),
  );
  router.use(authenticate(modules.tokens));
  router.use(requireJson);
  router.use(express.json({ limit: BODY_LIMIT, strict: true }));
  router.get('/events', streamEvents(modules));
  for (const action of actions) {
    const path = action.http.path;
    if (action.http.method === 'GET') router.get(path, handle(action, modules));
    else router.post(path, handle(action, modules));
  }
  return router;
}

function handle(action: Action, { ports, signal }: ApiModules): RequestHandler {
  return async (request, response) => {
    const given: unknown = action.http.method === 'GET' ? request.query : (request.body ?? {});
    const input = { ...(typeof given === 'object' ? given : {}), ...request.params };
    const result = await perform(action, {
      input,
      caller: callerOf(response),
      ports,
      signal: whileConnected(response, signal),
    });
    response.json(result);
  };
}

/** Aborts when the client goes away or the server stops. */
function whileConnected(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'));
  });
  return AbortSignal.any([gone.signal, stopping]);
}

function metrics({ registry }: ApiModules): RequestHandler {
  return async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  };
}

function onError(logger: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const details = bodyProblem(error) ?? problemOf(error);
    if (details.status >= 500)
      logger.error({ path: request.path, error: messageOf(error) }, 'A request failed');
    sendProblem(response, details);
  };
}

/** What express's own body parser throws. */
function bodyProblem(error: unknown) {
  if (typeof error !== 'object' || error === null || !('type' in error)) return null;
  if (error.type === 'entity.too.large') return problem(413, 'too-large', `a body may hold ${BODY_LIMIT}`);
  if (error.type === 'entity.parse.failed') return problem(400, 'bad-input', 'the body is not JSON');
  return null;
}
