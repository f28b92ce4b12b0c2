import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DaemonFile } from '../../src/fleet/daemon-schema.ts';
import { document, ROOT } from './documents.ts';

const PAGE = document('docs/privacy.md');

test('docs/privacy.md names every table of the database in the list of what is stored', () => {
  const source = readFileSync(`${ROOT}/src/storage/tables.ts`, 'utf8');
  const body = /export interface Tables \{\n(.*?)^\}/ms.exec(source)?.[1] ?? '';
  const tables = [...body.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
  expect(tables.length).toBeGreaterThan(30);
  const where = PAGE.split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ')[1] ?? '')
    .join();
  const named = new Set([...where.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  expect(tables.filter((name) => !named.has(name))).toEqual([]);
});

test('docs/privacy.md names every setting by which something is deleted', () => {
  const settings = Object.keys(DaemonFile.parse({}).retention);
  expect(settings.filter((name) => !PAGE.includes(`\`daemon.retention.${name}\``))).toEqual([]);
});
