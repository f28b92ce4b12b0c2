import { configureForWriting, openForInspection } from '../../../src/storage/connection.ts';
import { migrate } from '../../../src/storage/migrate.ts';
import { compileMigrations } from '../../../src/storage/migration.ts';
import { migrations } from '../../../src/storage/migrations/all.ts';
import { endlessMigration } from '../endless-migration.ts';

/** Comes into the middle of a migration and never out of it. */
const connection = openForInspection(process.argv[2] ?? '');
configureForWriting(connection);
connection.function('say', (line: string) => {
  process.stdout.write(`${line}\n`);
  return 0;
});
migrate(connection, compileMigrations([...migrations, endlessMigration]), 0);
