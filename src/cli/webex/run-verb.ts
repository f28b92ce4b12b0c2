import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SecretReader } from '../../fleet/secret-ref.ts';
import { messageOf } from '../../lib/errors.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { table } from '../terminal.ts';
import type { Given, WebexResource, WebexVerb } from './verb.ts';
import { withWebexClient } from './with-client.ts';

export type VerbOptions = GlobalOptions & Readonly<Record<string, string | boolean | undefined>>;

/** Performs one verb and prints what came of it. */
export async function runVerb(
  { columns }: WebexResource,
  verb: WebexVerb,
  { options, args }: { options: VerbOptions; args: readonly string[] },
  context: CliContext,
): Promise<number> {
  const most = mostOf(options['most']);
  return withWebexClient(options, context, async (client) => {
    const result = verb.run(client, givenOf(options, args, context));
    const isList = Symbol.asyncIterator in result;
    const items = isList ? await firstOf(result, most) : [await result].filter((item) => item !== undefined);
    print(items, { isList, columns, isJson: options.json }, context);
    return EXIT.ok;
  });
}

function givenOf(options: VerbOptions, args: readonly string[], context: CliContext): Given {
  const { workingDirectory, surroundings, signal } = context;
  const secrets = new SecretReader(surroundings.secrets);
  return {
    args,
    options,
    signal,
    secret: (reference) => secrets.read(reference, workingDirectory),
    async readFile(path) {
      try {
        return await readFile(resolve(workingDirectory, path));
      } catch (error) {
        throw new ExitError(EXIT.usage, `${path} cannot be read: ${messageOf(error)}`);
      }
    },
  };
}

function mostOf(text: string | boolean | undefined): number {
  if (typeof text !== 'string') return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new ExitError(EXIT.usage, `"${text}" is no number of items: write for example --most 20`);
}

async function firstOf(items: AsyncIterable<object>, most: number): Promise<object[]> {
  const taken: object[] = [];
  for await (const item of items) if (taken.push(item) >= most) break;
  return taken;
}

function print(
  items: readonly object[],
  { isList, columns, isJson }: { isList: boolean; columns: readonly string[]; isJson: boolean },
  { terminal }: CliContext,
): void {
  if (isJson) {
    terminal.out(JSON.stringify(isList ? { items } : (items[0] ?? {}), null, 2));
    return;
  }
  if (isList) {
    const rows = items.map((item) => columns.map((column) => cellOf(item, column)));
    for (const line of table([columns.map((column) => column), ...rows], terminal.columns))
      terminal.out(line);
    return;
  }
  for (const item of items)
    for (const line of table(
      Object.keys(item)
        .map((key) => [key, cellOf(item, key)])
        .filter(([, cell]) => cell !== ''),
      terminal.columns,
    ))
      terminal.out(line);
}

/** A field as a text of one line; nothing for null. */
function cellOf(item: object, key: string): string {
  const value: unknown = Object.entries(item).find(([name]) => name === key)?.[1];
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(' ');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replaceAll(/\s+/g, ' ');
}
