import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormatsModule from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation, operate } from './webex-operations.ts';

const root = process.env['ROOMD_FIXTURES'];
const folder = root === undefined ? '' : join(root, 'cloud/webex-openapi');
if (root === undefined) {
  console.log('ROOMD_FIXTURES is not set: the stand-in for Webex is not compared with what is published');
}

interface Specification {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { responses: Readonly<Record<string, unknown>> }>>>
  >;
  readonly components: {
    readonly schemas: Record<string, { type?: string; properties?: Record<string, object> }>;
  };
}

const ADMIN = new Set(['organizations', 'authorizations', 'guests', 'applications']);
type SetName = 'admin' | 'device' | 'messaging';

function setOf({ path }: Operation): SetName {
  const collection = path.split('/')[1] ?? '';
  if (collection === 'devices') return 'device';
  return ADMIN.has(collection) ? 'admin' : 'messaging';
}

/** The validator of a set, without its known defects: the content of an attachment, a card, is described as a file with a `fileId`, and a planned maintenance, a word, as an object. */
function specificationOf(name: SetName) {
  const document = JSON.parse(readFileSync(join(folder, `subset-${name}.json`), 'utf8')) as Specification;
  if (name === 'messaging') document.components.schemas['File'] = { type: 'object' };
  const device = document.components.schemas['Device']?.properties;
  if (device !== undefined) device['plannedMaintenance'] = { type: 'string' };
  // The document is no JSON Schema by itself; strict mode would mind its other keywords.
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  addFormatsModule.default(ajv);
  ajv.addSchema(document, name);
  return { document, ajv };
}

/** What is wrong with an answer, as sentences; null where the specification knows no such answer. */
function wrongs(operation: Operation, answer: unknown): string[] | null {
  const { method, path, status } = operation;
  const name = setOf(operation);
  const { document, ajv } = specificationOf(name);
  const responses = document.paths[path]?.[method]?.responses;
  if (responses?.[String(status)] === undefined) return null;
  if (answer === null) return [];
  const pointer = [
    'paths',
    path,
    method,
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  ];
  const $ref = `${name}#/${pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = ajv.compile({ $ref });
  validate(answer);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function exampleOf(operation: Operation): unknown {
  const { method, path, status } = operation;
  const words = path
    .slice(1)
    .replaceAll(/[/{}]+/g, '_')
    .replace(/_$/, '');
  const file = join(folder, setOf(operation), `${method.toUpperCase()}_${words}.${status}.example.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

describe('what is published of Webex', () => {
  it.skipIf(root === undefined)('is where ROOMD_FIXTURES says', () => {
    expect(existsSync(folder), `${folder} is missing`).toBe(true);
  });

  it.skipIf(root === undefined).each(OPERATIONS)(
    'holds for the answer of the stand-in to $method $path',
    async (operation) => {
      const { status, json } = await operate(operation);
      expect(status).toBe(operation.status);
      expect(wrongs(operation, json)).toEqual([]);
    },
  );

  it.skipIf(root === undefined).each(OPERATIONS.filter(({ status }) => status !== 204))(
    'has an example with every field that the stand-in answers to $method $path',
    async (operation) => {
      const example = exampleOf(operation);
      expect(example).not.toBeNull();
      expect(wrongs(operation, example)).toEqual([]);
      const { json } = await operate(operation);
      expect(deviations(json, example, '')).toEqual([]);
    },
  );

  it.skipIf(root === undefined)('would notice an answer of another form', () => {
    const [people] = OPERATIONS;
    if (people === undefined) throw new Error('there are no operations');
    expect(wrongs(people, { items: [{ id: 7, type: 'cat' }] })).toHaveLength(2);
    expect(wrongs({ ...people, status: 299 }, {})).toBeNull();
  });

  it.each(OPERATIONS)('is answered with a slash at the end, too: $method $path', async (operation) => {
    expect((await operate(operation, { slash: true })).status).toBe(operation.status);
  });
});

/** Fields whose examples are no measure: what is in a card, or what people put into it, is free. */
const FREE = /(\.content|\.inputs)\b/;

/** Where `shown` has a field that the example lacks, or one of another type. */
function deviations(shown: unknown, example: unknown, at: string): string[] {
  if (FREE.test(at)) return [];
  if (Array.isArray(shown) && Array.isArray(example)) {
    return shown.flatMap((item, index) => deviations(item, example[0], `${at}[${index}]`));
  }
  if (isObject(shown) && isObject(example)) {
    return Object.entries(shown).flatMap(([key, value]) =>
      key in example ? deviations(value, example[key], `${at}.${key}`) : [`${at}.${key} is not published`],
    );
  }
  return typeof shown === typeof example ? [] : [`${at} is ${typeof shown}, not ${typeof example}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
