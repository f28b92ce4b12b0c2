import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readVendorSchema, type VendorSchema } from '../../src/schema/vendor-schema.ts';

/** The versions whose schema files stand in the fixtures. */
export const VERSIONS = ['26.4.1', '11.27.2.0', '9.15.17.4'] as const;
export type Version = (typeof VERSIONS)[number];

const folder = process.env['ROOMD_FIXTURES'];

if (folder === undefined)
  console.log("skipped, as ROOMD_FIXTURES is not set: what is tested with the vendor's schema files");

/** Suites over the vendor's files are skipped where this is false; where ROOMD_FIXTURES names nothing they fail. */
export const hasFixtures = folder !== undefined;

export function vendorText(version: Version): string {
  const path = join(folder ?? '', 'roomos-schemas', `${version}.json`);
  if (!existsSync(path)) throw new Error(`ROOMD_FIXTURES is set and ${path} is missing`);
  return readFileSync(path, 'utf8');
}

export function vendorSchema(version: Version): VendorSchema {
  return readVendorSchema(vendorText(version), { software: version });
}
