import { expect, test } from 'vitest';
import { z } from 'zod';
import { fleetJsonSchema } from '../../src/fleet/json-schema.ts';
import { SchemaCursor } from '../../src/fleet/schema-cursor.ts';
import type { Section } from '../../src/fleet/section.ts';

const chores: Section<unknown> = {
  key: 'chores',
  schema: z.array(z.strictObject({ name: z.string() })).meta({ description: 'Chores.' }),
  check: () => [],
};

test('editors get a draft-7 schema of the whole file, sections of other slices in it', () => {
  const schema = fleetJsonSchema([chores]);
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'roomd fleet file',
    type: 'object',
    additionalProperties: false,
    required: ['version'],
    properties: { chores: { type: 'array', description: 'Chores.' } },
  });
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});

test('what has a value of its own need not be written', () => {
  const daemon = new SchemaCursor(fleetJsonSchema([])).at(['daemon']);
  expect([...daemon.names]).toEqual([
    'mode',
    'listen',
    'tls',
    'trustProxy',
    'feedback',
    'sessions',
    'database',
    'retention',
    'metrics',
    'cors',
    'tokens',
    'signIn',
    'timing',
    'limits',
  ]);
  const text = JSON.stringify(fleetJsonSchema([]));
  expect(text).not.toContain('"required":["mode"');
  expect(text).toContain('"default":"127.0.0.1:8080"');
});

test('a place knows its names, its example and whether it takes text', () => {
  const root = new SchemaCursor(fleetJsonSchema([chores]));
  expect([...root.at(['devices', 3]).names]).toEqual(
    expect.arrayContaining(['name', 'host', 'configuration', 'tls']),
  );
  expect([...root.at(['devices', 3, 'tls']).names]).toEqual(['pin', 'ca']);
  expect(root.at(['devices', 0, 'host']).example()).toBe('10.0.3.11');
  expect(root.at(['devices', 0, 'configuration', 'A', 'B', 'C']).takesText).toBe(true);
  expect(root.at(['devices', 0, 'tags', 'floor']).takesText).toBe(true);
  expect(root.at(['devices', 0, 'protected']).takesText).toBe(false);
  expect(root.at(['defaults', 'feedback', 'slot']).takesText).toBe(false);
  expect(root.at(['version']).takesText).toBe(false);
  expect(root.at(['nowhere', 'at', 'all', 5]).takesText).toBe(false);
  expect(root.at(['chores', 0, 'name']).takesText).toBe(true);
});
