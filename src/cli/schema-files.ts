import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Volume } from '../fleet/knowledge/library.ts';
import { digestOf, type PackedProduct, packVendorFile } from '../fleet/knowledge/vendor-volumes.ts';
import { messageOf } from '../lib/errors.ts';
import { SchemaError } from '../schema/errors.ts';
import { unpackSettings } from '../schema/packed-settings.ts';
import type { CliContext } from './context.ts';
import { EXIT, ExitError } from './exit-code.ts';

/** A vendor's schema file, read and packed. */
export interface SchemaFile {
  readonly name: string;
  readonly products: readonly PackedProduct[];
}

/** Each file, or why it cannot be used, in a sentence that names it. */
export async function readEachSchemaFile(
  files: readonly string[],
  software: string | null,
  context: Pick<CliContext, 'workingDirectory'>,
): Promise<{ read: SchemaFile[]; failures: string[] }> {
  const read: SchemaFile[] = [];
  const failures: string[] = [];
  for (const file of files) {
    try {
      read.push(...(await readSchemaFiles([file], software, context)));
    } catch (error) {
      if (!(error instanceof SchemaError || error instanceof ExitError)) throw error;
      failures.push(error.message);
    }
  }
  return { read, failures };
}

/** @throws ExitError where a file cannot be read; SchemaError where it is no schema, or does not say its software */
export async function readSchemaFiles(
  files: readonly string[],
  software: string | null,
  { workingDirectory }: Pick<CliContext, 'workingDirectory'>,
): Promise<SchemaFile[]> {
  const read: SchemaFile[] = [];
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(resolve(workingDirectory, file), 'utf8');
    } catch (error) {
      throw new ExitError(EXIT.usage, `the schema file cannot be read: ${messageOf(error)}`);
    }
    const name = basename(file);
    read.push({ name, products: packVendorFile(name, text, software) });
  }
  return read;
}

export function volumesOf(files: readonly SchemaFile[]): Volume[] {
  return files.flatMap(({ products }) =>
    products.map(({ product, software, content }) => ({
      source: 'vendor',
      product,
      software,
      digest: digestOf(content),
      load: () => Promise.resolve(unpackSettings(content)),
    })),
  );
}
