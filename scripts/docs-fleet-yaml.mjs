// Writes the tables of keys in docs/fleet-yaml.md: npm run build && node scripts/docs-fleet-yaml.mjs
// A test in test/docs keeps them equal to the schema as it is. All else on the page is written by hand.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `<!-- keys of PATH besides those of PATH … -->` to `<!-- end of keys -->`; the path `top` is the file itself. */
const BLOCK =
  /<!-- keys of (\S+?)(?: besides those of (\S+))? \(made by [^)]*\) -->\n[\s\S]*?<!-- end of keys -->/g;
/** Where every section goes that has no table of its own yet. */
const REST = 'all-other-sections';
const HEAD = '| name | holds | where nothing is said | means | example |\n|---|---|---|---|---|';

/** The page with every table of keys made anew. */
export function withKeys(document, schema) {
  const own = [...document.matchAll(BLOCK)].map(([, path]) => path);
  if (!own.includes('top') || !own.includes(REST))
    throw new Error('docs/fleet-yaml.md lacks the marks around its keys');
  return document.replaceAll(BLOCK, (_block, path, besides) => {
    const mark = `keys of ${path}${besides === undefined ? '' : ` besides those of ${besides}`}`;
    return `<!-- ${mark} (made by scripts/docs-fleet-yaml.mjs from the schema) -->\n\n${tableOf(schema, { path, besides, own })}\n\n<!-- end of keys -->`;
  });
}

/** Every key of the file that the page has a row for, as `devices[].host`. */
export function documentedKeys(document, schema) {
  const own = [...document.matchAll(BLOCK)].map(([, path]) => path);
  return [...document.matchAll(BLOCK)].flatMap(([, path, besides]) =>
    rowsOf(schema, { path, besides, own }).map((row) => row.path),
  );
}

/** The keys of a schema that stands by itself; of one that is no map, its one value under this name. */
export function keysTable(schema, name) {
  const rows = rowsBelow(schema, schema, { at: '', shown: '', own: [] });
  const { options } = partsOf(schema, schema);
  const isMap = options.every((option) => resolved(schema, option).properties !== undefined);
  if (isMap && rows.length === 0) return `None: \`${name}: {}\`.`;
  const whole = { shown: name, node: schema, isRequired: true };
  return [HEAD, ...(isMap ? rows : [whole, ...rows]).map((row) => lineOf(schema, row))].join('\n');
}

function tableOf(schema, block) {
  const rows = rowsOf(schema, block);
  if (rows.length === 0) return 'There are none besides those.';
  return [HEAD, ...rows.map((row) => lineOf(schema, row))].join('\n');
}

function rowsOf(schema, { path, besides, own }) {
  if (path === 'top')
    return childrenOf(schema, schema).map((child) => ({ ...child, path: child.key, shown: child.key }));
  if (path === REST)
    return childrenOf(schema, schema)
      .filter(({ key, node }) => !own.some((one) => belongsTo(one, key)) && isMap(schema, node))
      .flatMap((child) => [
        { ...child, path: child.key, shown: child.key },
        ...rowsBelow(schema, child.node, { at: child.key, shown: child.key, own }),
      ]);
  const node = nodeAt(schema, path);
  const left = new Set(
    besides === undefined ? [] : childrenOf(schema, nodeAt(schema, besides)).map(({ key }) => key),
  );
  return rowsBelow(schema, node, { at: path, shown: '', own }).filter(
    ({ shown }) => !left.has(/^[^.[]+/.exec(shown)?.[0]),
  );
}

function belongsTo(path, key) {
  return path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
}

/** Whether there is more to say of it than the row in the table of the top. */
function isMap(schema, node) {
  return rowsBelow(schema, node, { at: '', shown: '', own: [] }).length > 0;
}

/** What has a table of its own, or is told right above, wherever else it may stand. */
const TOLD_ELSEWHERE = new Set(['MacroSteps', 'MacroTrigger'].map((name) => `#/definitions/${name}`));

/** A row for each key below a node, down to those that have a table of their own; what holds itself is not gone into again. */
function rowsBelow(schema, node, { at, shown, own, within = [] }) {
  const reference = referenceOf(node);
  if (within.includes(reference) || (shown !== '' && TOLD_ELSEWHERE.has(reference))) return [];
  const inner = reference === undefined ? within : [...within, reference];
  const { options, list, named } = partsOf(schema, node);
  const below = (child, more) =>
    rowsBelow(schema, child, { at: at + more, shown: shown + more, own, within: inner });
  const isElsewhere = (path) => shown !== '' && own.includes(path);
  const rows = [];
  for (const option of options)
    for (const { key, node: child, isRequired } of childrenOf(schema, option)) {
      const path = at === '' ? key : `${at}.${key}`;
      const name = shown === '' ? key : `${shown}.${key}`;
      rows.push({ path, shown: name, key, node: child, isRequired });
      if (!own.includes(path))
        rows.push(...rowsBelow(schema, child, { at: path, shown: name, own, within: inner }));
    }
  if (list !== null && !isElsewhere(`${at}[]`)) rows.push(...below(list, '[]'));
  if (named !== null && !isElsewhere(`${at}.NAME`)) rows.push(...below(named, '.NAME'));
  return unique(rows);
}

function unique(rows) {
  const seen = new Set();
  return rows.filter(({ path }) => !seen.has(path) && seen.add(path));
}

function childrenOf(schema, node) {
  const { properties = {}, required = [] } = resolved(schema, node);
  return Object.entries(properties).map(([key, child]) => ({
    key,
    node: child,
    isRequired: required.includes(key),
  }));
}

/** The forms that a node may have, what its list holds, and what stands behind names that the user chooses. */
function partsOf(schema, node) {
  if (isSettings(node)) return { options: [], list: null, named: null };
  const whole = resolved(schema, node);
  const options = whole.anyOf ?? [whole];
  const list =
    options.map((option) => resolved(schema, option).items).find((items) => items !== undefined) ?? null;
  const values = options.map((option) => resolved(schema, option).additionalProperties);
  const named = values.find((value) => typeof value === 'object' && !isSettings(value)) ?? null;
  return { options, list, named };
}

/** Settings are trees of any depth. */
function isSettings(node) {
  return referenceOf(node) === '#/definitions/Configuration';
}

function referenceOf({ $ref, allOf }) {
  return $ref ?? allOf?.[0]?.$ref;
}

/** A node with what it refers to; what the place itself says wins. */
function resolved(schema, node) {
  const { $ref: _ref, allOf: _allOf, ...own } = node;
  const reference = referenceOf(node);
  if (reference === undefined) return node;
  return { ...resolved(schema, schema.definitions[reference.split('/').at(-1)]), ...own };
}

function nodeAt(schema, path) {
  return path.match(/[^.[\]]+|\[\]/g).reduce((node, step) => {
    const { options, list, named } = partsOf(schema, node);
    if (step === '[]') return list;
    const child = options
      .flatMap((option) => childrenOf(schema, option))
      .find(({ key }) => key === step)?.node;
    const next = child ?? (step === 'NAME' ? named : null);
    if (next === null)
      throw new Error(`docs/fleet-yaml.md names ${path}, and the schema has no ${step} there`);
    return next;
  }, schema);
}

function lineOf(schema, { shown, node, isRequired }) {
  const whole = resolved(schema, node);
  const standard = isRequired ? 'required' : standardOf(whole);
  const cells = [`\`${shown}\``, typeOf(schema, node), standard, meaningOf(whole), exampleOf(schema, whole)];
  return `| ${cells.join(' | ')} |`;
}

function standardOf({ default: standard }) {
  if (standard === undefined || (typeof standard === 'object' && Object.keys(standard ?? {}).length === 0))
    return 'none';
  return standard === '' ? 'an empty text' : code(standard);
}

/** Without what the column beside it says. */
function meaningOf({ description = '' }) {
  return escaped(description.replace(/; [^;]+ where nothing is said\.?$/, '.')).replaceAll('*', '\\*');
}

function exampleOf(schema, whole) {
  const example = whole.examples?.[0] ?? whole.enum?.[0] ?? whole.default;
  if (
    example !== undefined &&
    !(typeof example === 'object' && Object.keys(example).length === 0) &&
    example !== ''
  )
    return code(example);
  const options = whole.anyOf?.map((option) => resolved(schema, option)) ?? [];
  const given =
    options.find((option) => option.examples !== undefined)?.examples[0] ??
    options.find((option) => option.enum !== undefined)?.enum[0];
  if (given !== undefined) return code(given);
  if (whole.const !== undefined) return code(whole.const);
  if (whole.type === 'boolean') return '`true`';
  const item = whole.items === undefined ? undefined : resolved(schema, whole.items);
  const one = item?.examples?.[0] ?? item?.enum?.[0];
  return one === undefined ? '' : code([one]);
}

function typeOf(schema, node) {
  const whole = resolved(schema, node);
  if (isSettings(node)) return 'settings';
  if (whole.anyOf !== undefined)
    return [...new Set(whole.anyOf.map((option) => typeOf(schema, option)))].join(', or ');
  if (whole.const !== undefined) return code(whole.const);
  if (whole.enum !== undefined) return whole.enum.map((word) => code(word)).join(', ');
  const types = [whole.type].flat();
  if (types.includes('string')) return textOf(whole);
  if (types.includes('boolean')) return '`true`, `false`';
  if (types.includes('integer') || types.includes('number')) return numberOf(whole);
  if (types.includes('array')) return `list of ${listed(schema, whole)}`;
  if (typeof whole.additionalProperties === 'object')
    return `${typeOf(schema, whole.additionalProperties)} by name`;
  return 'the keys below it';
}

function listed(schema, { items = {}, minItems, maxItems }) {
  const type = typeOf(schema, items).replace('the keys below it', 'entries with the keys below it');
  if (maxItems !== undefined) return `${type}, ${minItems ?? 0} to ${maxItems}`;
  return minItems === undefined ? type : `${type}, at least ${minItems}`;
}

/** Texts that are read in a certain way show it by their example. */
function textOf({ examples = [], default: standard, maxLength }) {
  const [example = standard] = examples;
  if (/^\d+(ms|s|m|h|d|w)$/.test(String(example))) return 'duration';
  if (/^\d+(B|KB|MB)$/.test(String(example))) return 'size';
  return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
}

function numberOf({ minimum, maximum }) {
  const least = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`;
  return `number${least}${most}`;
}

/** As it would stand in the file. */
function code(value) {
  return `\`${escaped(inYaml(value))}\``;
}

function inYaml(value) {
  if (Array.isArray(value)) return `[${value.map(inYaml).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${inYaml(key)}: ${inYaml(one)}`)
      .join(', ')} }`;
  const text = String(value);
  return /^[*&!@[{"']|: | #|^$|\$\{/.test(text) ? JSON.stringify(text) : text;
}

function escaped(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

async function main() {
  const { fleetJsonSchema } = await import('../dist/fleet/json-schema.js');
  const { sections } = await import('../dist/daemon/sections.js');
  const file = new URL('../docs/fleet-yaml.md', import.meta.url);
  writeFileSync(file, withKeys(readFileSync(file, 'utf8'), fleetJsonSchema(sections)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
