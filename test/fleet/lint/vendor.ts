import { volumesOf } from '../../../src/cli/schema-files.ts';
import { Library, type Volume } from '../../../src/fleet/knowledge/library.ts';
import { packVendorFile } from '../../../src/fleet/knowledge/vendor-volumes.ts';

type Space = Record<string, unknown>;

export const ON_OFF: Space = { type: 'Literal', Values: ['Off', 'On'] };

export function integer(min: number, max: number): Space {
  return { type: 'Integer', Min: String(min), Max: String(max), Step: String(max) };
}

export function text(min: number, max: number): Space {
  return { type: 'String', MinLength: String(min), MaxLength: String(max) };
}

/** One configuration object as the vendor writes it. */
export function setting(
  path: string,
  valuespace: Space,
  {
    fallback = 'Off',
    role = ['Admin', 'Integrator'],
    products = ['barents'],
    ...more
  }: { fallback?: string; role?: string[]; products?: string[]; hide_value?: string } = {},
): object {
  return {
    type: 'Configuration',
    path,
    products,
    attributes: { valuespace, default: fallback, role, ...more },
  };
}

export function fileText(...objects: object[]): string {
  return JSON.stringify({ objects });
}

/** The volumes of a schema file with these settings. */
export function volumes(software: string, ...objects: object[]): Volume[] {
  return volumesOfText(software, fileText(...objects));
}

export function volumesOfText(software: string, content: string): Volume[] {
  const name = `${software}.json`;
  return volumesOf([{ name, products: packVendorFile(name, content, null) }]);
}

export function library(...sets: Volume[][]): Library {
  return new Library(sets.flat());
}
