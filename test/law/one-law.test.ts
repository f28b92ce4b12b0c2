import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { breaches, readSources, type SourceFile } from './imports.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

describe('the one law', () => {
  test('holds for the whole source', () => {
    expect(breaches(readSources(SRC))).toEqual([]);
  });

  test('sees enough of the source to say so', () => {
    expect(readSources(SRC).length).toBeGreaterThan(50);
  });
});

describe('planted faults are found', () => {
  const planted: [string, SourceFile[], RegExp][] = [
    ['a look to the right', [source('lib/a.ts', "import { x } from '../fleet/x.ts';")], /looks to the right/],
    [
      'a type import to the right',
      [source('xapi/a.ts', "import type { X } from '../fleet/x.ts';")],
      /looks to the right/,
    ],
    [
      'a re-export to the right',
      [source('schema/a.ts', "export { x } from '../http/x.ts';")],
      /looks to the right/,
    ],
    [
      'a dynamic import to the right',
      [source('notify/a.ts', "const x = await import('../cli/main.ts');")],
      /looks to the right/,
    ],
    ['neighbours', [source('xapi/a.ts', "import { x } from '../storage/x.ts';")], /neighbours/],
    [
      'two integrations',
      [source('integrations/finesse/a.ts', "import { x } from '../cucm/x.ts';")],
      /strangers to each other/,
    ],
    [
      'the simulator using a client',
      [source('simulator/a.ts', "import { x } from '../xapi/x.ts';")],
      /shares nothing/,
    ],
    [
      'the simulator using our XML',
      [source('simulator/a.ts', "import { x } from '../lib/xml/reader.ts';")],
      /shares nothing/,
    ],
    [
      'the daemon using the simulator',
      [source('daemon/a.ts', "import { x } from '../simulator/x.ts';")],
      /only cli/,
    ],
    ['an unknown folder', [source('utils/a.ts', "import { x } from '../lib/x.ts';")], /no known folder/],
    [
      'a cycle of types',
      [
        source('fleet/a.ts', "import type { B } from './b.ts';"),
        source('fleet/b.ts', "import {\n  A,\n} from './a.ts';"),
      ],
      /cycle: fleet\/a\.ts → fleet\/b\.ts → fleet\/a\.ts/,
    ],
  ];

  test.each(planted)('%s', (_name, files, expected) => {
    expect(breaches(files).join('\n')).toMatch(expected);
  });

  test('and what is allowed is not', () => {
    const files = [
      source('cli/a.ts', "import { x } from '../simulator/x.ts';"),
      source('simulator/a.ts', "import { x } from '../schema/x.ts';"),
      source('fleet/a.ts', "import { x } from '../xapi/x.ts';"),
      source('fleet/x.ts', "import y from 'yaml';"),
    ];
    expect(breaches(files)).toEqual([]);
  });
});

function source(path: string, text: string): SourceFile {
  return { path, text };
}
