import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import express, { type RequestHandler, type Response, type Router } from 'express';

/** Where the build leaves the dashboard, seen from `dist/http` and, in tests, from `src/http`. */
const FOLDERS = ['../web', '../../dist/web'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything comes from the daemon itself, nothing is inline, nobody frames it. */
export const DASHBOARD_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** Its addresses; the page itself shows what belongs to each. */
const PAGES = /^\/(?:devices(?:\/[^/]+)?|changes|use|macros|alerts|audit|system)?$/;

interface File {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  /** Its name changes with what is in it. */
  readonly isHashed: boolean;
}

/** The dashboard: a page and a few files that were built into the package, read once. */
export function dashboard(): Router {
  const files = readFiles();
  const router = express.Router();
  const page = files.get('/index.html');
  if (page === undefined) return router;
  router.get(PAGES, send(page));
  for (const [path, file] of files) router.get(path, send(file));
  const show = send(page);
  router.get('{/*path}', (request, response, next) => {
    // A person who mistyped an address sees a page, a program the problem.
    if (request.path.startsWith('/api/') || request.accepts(['json', 'html']) !== 'html') {
      next();
      return;
    }
    response.status(404);
    show(request, response, next);
  });
  return router;
}

function readFiles(): ReadonlyMap<string, File> {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'index.html')));
  if (folder === undefined) return new Map();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const address = path.slice(folder.length).replaceAll('\\', '/');
      return [address, fileOf(path, address)];
    }),
  );
}

function fileOf(path: string, address: string): File {
  const plain = readFileSync(path);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    isHashed: address.startsWith('/assets/'),
  };
}

function send({ type, etag, plain, gzip, isHashed }: File): RequestHandler {
  return (request, response: Response) => {
    response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('ETag', etag);
    response.setHeader('Vary', 'Accept-Encoding');
    response.type(type);
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const isPacked = request.acceptsEncodings('gzip') === 'gzip';
    if (isPacked) response.setHeader('Content-Encoding', 'gzip');
    response.end(isPacked ? gzip : plain);
  };
}
