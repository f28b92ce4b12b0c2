import type { Json, OpenApiDocument, Operation, Parameter } from './shapes.ts';

/** Its digest stands in the policy of the page, so that no other style counts. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 2.5rem; }
details { border-top: 1px solid #8886; padding: .4rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 3.5rem; }
small { opacity: .75; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
td, th { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-top: 1px solid #8883; }
pre { overflow: auto; padding: .6rem; background: #8881; }
`;

/** The document as a page for people: complete in itself, without a script. */
export function apiPage(document: OpenApiDocument): string {
  const { info, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))].sort();
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2 id="${escape(tag)}">${escape(tag)}</h2>${own.map(operationPart).join('')}`;
  });
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="shape-${escape(name)}"><summary>${escape(name)}</summary>${code(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} ${escape(info.version)}: the HTTP API</title><style>${PAGE_STYLE}</style></head>
<body><h1>The HTTP API of ${escape(info.title)} ${escape(info.version)}</h1>
<p>${escape(info.description)} The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
<nav>${tags.map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(' · ')} · <a href="#shapes">shapes</a></nav>
<main>${sections.join('\n')}
<h2 id="shapes">Shapes</h2>${shapes.join('\n')}</main></body></html>
`;
}

interface Shown {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

function operationPart({ path, method, operation }: Shown): string {
  const { summary, parameters = [], requestBody, responses } = operation;
  const role = operation['x-role'] === undefined ? '' : ` <small>${escape(operation['x-role'])}</small>`;
  const [content = {}] = [responses['200'] ?? responses['202']].map(
    (answer) => answer?.['content'] as Json | undefined,
  );
  const forms = Object.entries(content).map(
    ([type, form]) => `<p>Answers <code>${escape(type)}</code>: ${shapeOf((form as Json)['schema'])}</p>`,
  );
  const statuses = Object.keys(responses).map((status) => `<code>${escape(status)}</code>`);
  return `<details id="${escape(`${method} ${path}`)}"><summary><b>${method}</b> <code>${escape(path)}</code>${role} ${escape(summary)}</summary>
${parameters.length === 0 ? '' : `<table><tr><th>input</th><th>in</th><th>type</th><th></th></tr>${parameters.map(parameterRow).join('')}</table>`}
${requestBody === undefined ? '' : `<p>Body:</p>${code(requestBody['content'])}`}
${forms.join('')}<p>Statuses: ${statuses.join(', ')}</p></details>`;
}

function parameterRow({ name, in: where, required, description = '', schema }: Parameter): string {
  const { default: standard, ...rest } = schema;
  const absent = required
    ? 'required'
    : standard === undefined
      ? ''
      : `where absent: ${JSON.stringify(standard)}`;
  return `<tr><td><code>${escape(name)}</code></td><td>${where}</td><td><code>${escape(JSON.stringify(rest))}</code></td><td>${escape(description)} ${escape(absent)}</td></tr>`;
}

function shapeOf(schema: unknown): string {
  const name = /^\{"\$ref":"#\/components\/schemas\/(\w+)"\}$/.exec(JSON.stringify(schema))?.[1];
  return name === undefined ? code(schema) : `<a href="#shape-${name}">${name}</a>`;
}

function code(value: unknown): string {
  const text = escape(JSON.stringify(value, null, 2));
  return `<pre>${text.replaceAll(/#\/components\/schemas\/(\w+)/g, '<a href="#shape-$1">$1</a>')}</pre>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
