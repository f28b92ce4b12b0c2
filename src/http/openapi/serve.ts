import { createHash } from 'node:crypto';
import type { Express, RequestHandler } from 'express';
import { sendTagged } from '../conditional.ts';
import { apiPage, PAGE_STYLE } from './page.ts';
import type { OpenApiDocument } from './shapes.ts';

const HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');
/** The page runs nothing and asks nobody for anything. */
const POLICY = `default-src 'none'; style-src 'sha256-${HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** `/openapi.json`, and `/api`, the same as a page. Both are for everybody: they tell nothing of the fleet. */
export function describeApi(app: Express, cors: RequestHandler, document: OpenApiDocument): void {
  const json = JSON.stringify(document);
  const page = apiPage(document);
  app.get('/openapi.json', cors, (request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    sendTagged(json, 'application/json; charset=utf-8', { request, response });
  });
  app.get('/api', (request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('Content-Security-Policy', POLICY);
    sendTagged(page, 'text/html; charset=utf-8', { request, response });
  });
}
