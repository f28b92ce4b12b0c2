import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env['ROOMD_FIXTURES'];
export const hasFinesseDocuments = root !== undefined;
if (!hasFinesseDocuments) console.log('skipped, as ROOMD_FIXTURES is not set: documents of Finesse');

/** A recorded or documented document, by its path below finesse/. */
export function finesseDocument(name: string): string {
  const file = join(root ?? '', 'cloud/finesse', name);
  if (!existsSync(file)) throw new Error(`ROOMD_FIXTURES is set, and ${file} is missing`);
  return readFileSync(file, 'utf8');
}
