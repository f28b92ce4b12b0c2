import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentedKeys, withKeys } from '../../scripts/docs-fleet-yaml.mjs';
import { sections } from '../../src/daemon/sections.ts';
import { fleetJsonSchema } from '../../src/fleet/json-schema.ts';
import type { Section } from '../../src/fleet/section.ts';
import { document } from './documents.ts';

const TEXT = document('docs/fleet-yaml.md');
const SCHEMA = fleetJsonSchema(sections);

/** A section as another slice would add it. */
const PLANTED: Section<unknown> = {
  key: 'gardens',
  schema: z
    .strictObject({ every: z.string().default('24h').meta({ description: 'How often they are watered.' }) })
    .meta({ description: 'Plants in the rooms.' }),
  check: () => [],
};

describe('docs/fleet-yaml.md', () => {
  it('tells of the keys there are; npm run build && node scripts/docs-fleet-yaml.mjs makes it so', () => {
    expect(TEXT).toBe(withKeys(TEXT, SCHEMA));
  });

  it('has a row for every name that the schema declares anywhere', () => {
    const told = new Set(documentedKeys(TEXT, SCHEMA).map((path) => path.split('.').at(-1)));
    expect([...namesIn(SCHEMA)].filter((name) => !told.has(name))).toEqual([]);
    expect(told.size).toBeGreaterThan(100);
  });

  it('says of every key what it means, and of everything that is written what it may look like', () => {
    const rows = [...TEXT.matchAll(/^\| `[^|]+` \| ([^|]+) \| [^|]+ \| (.*) \| (.*) \|$/gm)];
    expect(rows.length).toBeGreaterThan(100);
    const bare = rows.filter(([, holds = '', means, example]) => {
      const isWhole = holds.includes('the keys below it');
      return means === '' || (example === '' && !isWhole);
    });
    expect(bare.map(([row]) => row)).toEqual([]);
  });

  it('takes up a section that nobody wrote about', () => {
    const planted = withKeys(TEXT, fleetJsonSchema([...sections, PLANTED]));
    expect(planted).not.toBe(TEXT);
    expect(planted).toContain('| `gardens` | the keys below it | none | Plants in the rooms. |  |');
    expect(planted).toContain('| `gardens.every` | duration | `24h` | How often they are watered. | `24h` |');
  });
});

function namesIn(schema: unknown, names = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return names;
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties') for (const name of Object.keys(value as object)) names.add(name);
    if (keyword !== 'examples' && keyword !== 'default') namesIn(value, names);
  }
  return names;
}
