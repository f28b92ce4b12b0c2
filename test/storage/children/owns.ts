import { StorageError } from '../../../src/storage/errors.ts';
import { acquireOwnership } from '../../../src/storage/lock.ts';

/** Owns the directory until it is killed, or says why it may not. */
try {
  const ownership = await acquireOwnership(process.argv[2] ?? '');
  process.stdout.write('owned\n');
  setTimeout(() => ownership.release(), 60_000);
} catch (error) {
  process.stdout.write(`${error instanceof StorageError ? error.code : String(error)}\n`);
}
