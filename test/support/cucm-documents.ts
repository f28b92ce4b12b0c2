import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const fixtures = process.env['ROOMD_FIXTURES'];
if (fixtures === undefined)
  console.warn('skipped: documents of Unified CM (set ROOMD_FIXTURES to the folder that holds cloud/)');

/** Whether there are recorded documents to test with. */
export const HAS_CUCM_DOCUMENTS = fixtures !== undefined;

/** A recorded document below `cloud/`. */
export function cucmDocument(path: string): string {
  const file = join(fixtures ?? '', 'cloud', path);
  if (!existsSync(file)) throw new Error(`ROOMD_FIXTURES is set, and ${file} is missing`);
  return readFileSync(file, 'utf8');
}
