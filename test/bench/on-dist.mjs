// Lets the benchmarks be written in TypeScript against src and measures what is shipped: an import of
// src/x.ts gives dist/x.js, and the benchmarks' own files lose their types as they load.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// The thread that runs the hooks loads this file too, and worker threads run plain JavaScript out of dist.
if (isMainThread) register(import.meta.url);

const SOURCE = new URL('../../src/', import.meta.url).href;
const BUILT = new URL('../../dist/', import.meta.url).href;

export async function resolve(specifier, context, next) {
  const url = new URL(specifier, context.parentURL ?? import.meta.url).href;
  const isSource = specifier.startsWith('.') && url.startsWith(SOURCE);
  return next(isSource ? BUILT + url.slice(SOURCE.length).replace(/\.ts$/, '.js') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const { transform } = await import('rolldown/utils');
  const path = fileURLToPath(url);
  const { code, errors } = await transform(path, await readFile(path, 'utf8'), { sourcemap: false });
  if (errors.length > 0) throw new SyntaxError(errors.map((error) => error.message).join('\n'));
  return { format: 'module', source: code, shortCircuit: true };
}
