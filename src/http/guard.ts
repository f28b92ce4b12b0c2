import type { RequestHandler } from 'express';
import { setCaller } from './context.ts';
import { problem, sendProblem } from './problem.ts';
import type { TokenBook } from './tokens.ts';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const LOOPBACK_PEER = /^(?:::ffff:)?127\.|^::1$/;

/**
 * Lets in who holds a token. With no tokens in the file whoever is on the
 * machine is an operator, and nobody else comes in, also where the tokens were
 * taken out of the file of a daemon that listens to the network; the Host
 * header must name loopback too, so that a web page cannot reach it through a
 * name of its own.
 */
export function authenticate(tokens: () => TokenBook): RequestHandler {
  return async (request, response, next) => {
    const book = tokens();
    if (book.isEmpty) {
      const isLocal = LOOPBACK_PEER.test(request.socket.remoteAddress ?? '');
      if (!isLocal || !LOOPBACK_HOST.test(request.headers.host ?? '')) {
        sendProblem(response, problem(403, 'forbidden', 'without tokens the API answers to localhost only'));
        return;
      }
      setCaller(response, { actor: 'http:loopback', role: 'operator' });
      next();
      return;
    }
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const entry = given === undefined ? null : await book.find(given);
    if (entry === null) {
      response.setHeader('WWW-Authenticate', 'Bearer realm="roomd"');
      const detail = 'send a token made by "roomd token create" as "Authorization: Bearer TOKEN"';
      sendProblem(response, problem(401, 'unauthenticated', detail));
      return;
    }
    setCaller(response, { actor: `token:${entry.name}`, role: entry.role });
    next();
  };
}

/** A web page elsewhere can post forms and text, but not JSON, without asking first. */
export const requireJson: RequestHandler = (request, response, next) => {
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || /^application\/json\b/i.test(type)) {
    next();
    return;
  }
  sendProblem(
    response,
    problem(415, 'bad-input', 'send a JSON body with "Content-Type: application/json"; {} will do'),
  );
};
