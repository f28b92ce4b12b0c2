import { createHash } from 'node:crypto';
import { acceptedSetting } from '../../schema/accepted-setting.ts';
import { SchemaError } from '../../schema/errors.ts';
import { packSettings } from '../../schema/packed-settings.ts';
import { softwareNumbers } from '../../schema/software.ts';
import { readVendorSchema } from '../../schema/vendor-schema.ts';

/** One product of a vendor's schema file, as it is stored. */
export interface PackedProduct {
  readonly product: string;
  readonly software: string;
  readonly settings: number;
  readonly content: Uint8Array;
}

/**
 * The settings of every product of a vendor's schema file. The file does not
 * say which software it describes, so its name must ("26.4.1.json"), or the
 * caller.
 * @throws SchemaError `schema-unreadable`, `software-unknown`, each with the file's name
 */
export function packVendorFile(name: string, text: string, software: string | null): PackedProduct[] {
  const version = software ?? /(\d+(?:\.\d+){2,})(?=\.json$|$)/.exec(name)?.[1] ?? null;
  if (version === null || softwareNumbers(version).length < 3)
    throw new SchemaError(
      'software-unknown',
      `${name} does not say by its name which software it describes (26.4.1.json does): add --software VERSION.`,
    );
  try {
    const schema = readVendorSchema(text, { software: version });
    return schema.products.map((product) => {
      const { settings } = schema.product(product);
      return {
        product,
        software: version,
        settings: settings.length,
        content: packSettings(settings.map(acceptedSetting)),
      };
    });
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw new SchemaError(error.code, `${name}: ${error.message}`, { details: error.details, cause: error });
  }
}

export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
