// Writes the generated part of docs/http-api.md: npm run build && node scripts/docs-http-api.mjs
// A test in test/docs keeps it equal to the registry of actions as it is.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const BEGIN = '<!-- operations: made by scripts/docs-http-api.mjs from src/actions, do not edit -->';
const END = '<!-- end of operations -->';

/** The part between the two marks: a table of all operations, then each with its input. */
function operations(actions) {
  const rows = actions.map(
    ({ http, role, reach, summary }) =>
      `| [\`${http.method} ${http.path}\`](#${anchorOf(http)}) | ${role} | ${reach} | ${summary} |`,
  );
  return [
    '| operation | role | reach | |\n|---|---|---|---|',
    `${rows.join('\n')}\n`,
    ...actions.map(operation),
  ].join('\n');
}

function operation(action) {
  const { name, summary, role, http, input } = action;
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input' });
  const inPath = [...http.path.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter);
  const rows = Object.entries(properties).map(([field, schema]) => {
    const where = inPath.includes(field) ? 'path' : http.method === 'GET' ? 'query' : 'body';
    const absent = required.includes(field) ? 'required' : `\`${JSON.stringify(schema.default)}\``;
    return `| \`${field}\` | ${where} | ${typeOf(schema)} | ${absent} | ${schema.description ?? ''} |`;
  });
  const table = `| input | in | type | where absent | |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  return `### ${http.method} ${http.path}

${summary} Role: ${role}. Name on the control socket: \`${name}\`.${formsOf(action)}

${rows.length === 0 ? 'No input.\n' : table}`;
}

/** What an operation answers besides plain JSON. */
function formsOf({ streams, sparse, http, input }) {
  const said = [
    ...(streams === 'rows' ? ['as `text/csv` and `application/x-ndjson`, too'] : []),
    ...(streams === 'events' ? ['as `text/event-stream`, too'] : []),
    ...(sparse === undefined ? [] : ['`fields` cuts its items']),
    ...(http.method === 'POST' && 'fingerprint' in input.shape
      ? ['`If-Match` stands for `fingerprint`']
      : []),
  ];
  return said.length === 0
    ? ''
    : ` Answers ${said.join('; ')}.`.replace('Answers `fields`', '`fields`').replace('Answers `If', '`If');
}

/** `string or null`, `integer from 1 to 5000`, `time`, words; what takes yes or no in whatever form is `boolean`. */
function typeOf(schema) {
  const { type, format, minimum, maximum, enum: words, const: only, anyOf } = schema;
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ');
  if (only !== undefined) return `\`${only}\``;
  const types = [type].flat();
  if (anyOf !== undefined) {
    const kinds = anyOf.map(typeOf);
    return kinds.includes('boolean') ? 'boolean' : kinds.join(' or ');
  }
  if (types.includes('boolean')) return types.includes('null') ? 'boolean or null' : 'boolean';
  if (format === 'date-time') return 'time';
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const range = [
    minimum === undefined ? '' : ` from ${minimum}`,
    most === undefined ? '' : ` to ${most}`,
  ].join('');
  return `${types.join(' or ')}${range}`;
}

/** As GitHub makes anchors of headings. */
function anchorOf({ method, path }) {
  return `${method} ${path}`
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** The document with what stands between the marks made anew. */
export function withOperations(document, actions) {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error('docs/http-api.md lacks the marks around its operations');
  return `${document.slice(0, begin + BEGIN.length)}\n\n${operations(actions)}\n${document.slice(end)}`;
}

async function main() {
  const { actions } = await import('../dist/actions/registry.js');
  const file = new URL('../docs/http-api.md', import.meta.url);
  writeFileSync(file, withOperations(readFileSync(file, 'utf8'), actions));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
