// Writes a page for each step of macros (docs/steps) and for each ready-made macro (docs/ready-made): npm run build && node scripts/docs-steps.mjs
// A test in test/docs keeps them equal to what the steps themselves say, and to the files in examples/macros.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keysTable } from './docs-fleet-yaml.mjs';

const MADE = 'Made by scripts/docs-steps.mjs.';

/** The pages below docs/steps by their names; `steps` by theirs, `schemaOf` gives the JSON schema of arguments. */
export function stepPages(steps, schemaOf) {
  const pages = Object.entries(steps).map(([name, step]) => [
    `${name}.md`,
    pageOf(name, step, schemaOf(step.schema)),
  ]);
  const rows = Object.entries(steps).map(([name, { summary }]) => `| [${name}](${name}.md) | ${summary} |`);
  const index = `# Steps

Every kind of step that a [macro](../macros.md) is made of, each with its arguments, what it tells, what keeps it safe, of what it fails, and an example. ${MADE}

| step | |
|---|---|
${rows.join('\n')}

Ways through steps (\`if\`, \`each\`, \`waitFor\`, \`retry\`) are told in [macros.md](../macros.md#ways).
`;
  return Object.fromEntries([['README.md', index], ...pages]);
}

function pageOf(name, { summary, page, outputs = {}, needsDevice, mayCatchUp }, schema) {
  const told = Object.entries(outputs).map(
    ([field, type]) => `| \`steps.NAME.${field}\` | ${OUTPUT_TYPES[type]} |`,
  );
  const where = needsDevice
    ? 'It acts on a device: in a macro with `scope: fleet` it stands within an `each`. Right before it acts, a hold, `protected: true` and the mode are asked again.'
    : 'It stands in any macro, also in one with `scope: fleet`.';
  const late = mayCatchUp
    ? 'A missed run that holds it may be made up (`catchUp`).'
    : 'A missed run that holds it is never made up.';
  const errors = [
    ...(needsDevice
      ? ['held: a hold or `protected` forbids it by then', 'a device that does not answer, or refuses']
      : []),
    ...page.errors,
  ];
  return `# ${name}

${summary} ${where} ${late}

## Arguments

${keysTable(schema, name)}

## What it tells

${told.length === 0 ? 'Nothing that could have a name.' : `Where it has a name (\`as: NAME\`):\n\n| name | |\n|---|---|\n${told.join('\n')}`}

## What keeps it safe

${list(page.guards)}

## When it fails

${errors.length === 0 ? 'It does not.' : list(errors)}

## Example

\`\`\`text
${page.example}\`\`\`

[All steps](README.md). ${MADE}
`;
}

const OUTPUT_TYPES = { string: 'text', int: 'whole number', bool: 'true or false' };

function list(lines) {
  return lines.map((line) => `- ${line}`).join('\n');
}

/** The pages below docs/ready-made by their names; `files` are [name, text of the macro, text of its tests]. */
export function readyMadePages(files) {
  const pages = files.map(([name, macro, tests]) => [`${name}.md`, readyMadePage(name, macro, tests)]);
  const rows = files.map(([name, macro]) => `| [${name}](${name}.md) | ${firstSentence(headOf(macro)[0])} |`);
  const index = `# Ready-made macros

Chores that you can take over from [examples/macros](../../examples/macros/README.md), each with its tests. ${MADE}

| macro | |
|---|---|
${rows.join('\n')}
`;
  return Object.fromEntries([['README.md', index], ...pages]);
}

function readyMadePage(name, macro, tests) {
  const titles = [...tests.matchAll(/^ {2}- name: "?(.+?)"?$/gm)].map(([, title]) => title);
  const code = macro.slice(macro.indexOf('macros:'));
  return `# ${name}

${headOf(macro).join('\n')}

## The file

[examples/macros/macros/${name}.yaml](../../examples/macros/macros/${name}.yaml): copy it beside your own fleet.yaml, name it under \`include:\`, and change its devices, times and texts.

\`\`\`text
${code}\`\`\`

## What its tests show

${list(titles)}

\`roomd macro test examples/macros/${name}.test.yaml\` plays them in virtual time. [All of them](README.md). ${MADE}
`;
}

function firstSentence(text) {
  return text.split('. ')[0].replace(/\.$/, '');
}

/** The comment at the top of the file, which is Markdown. */
function headOf(macro) {
  return macro
    .slice(0, macro.indexOf('macros:'))
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^# ?/, ''));
}

/** What `readyMadePages` takes, of the folder with the macros. */
export function readyMadeFiles(folder) {
  return readdirSync(new URL('macros/', folder))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => [
      file.replace('.yaml', ''),
      readFileSync(new URL(`macros/${file}`, folder), 'utf8'),
      readFileSync(new URL(file.replace('.yaml', '.test.yaml'), folder), 'utf8'),
    ]);
}

async function main() {
  const { STEPS } = await import('../dist/macros/steps/registry.js');
  const { jsonSchemaOf } = await import('../dist/fleet/json-schema.js');
  const docs = new URL('../docs/', import.meta.url);
  write(new URL('steps/', docs), stepPages(STEPS, jsonSchemaOf));
  write(
    new URL('ready-made/', docs),
    readyMadePages(readyMadeFiles(new URL('../examples/macros/', import.meta.url))),
  );
}

function write(folder, pages) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(name, folder), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
