import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sections } from '../../src/daemon/sections.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { formatProblem } from '../../src/fleet/problem.ts';
import { readSources } from '../law/imports.ts';
import { brokenLinks, document, documents, fences, ROOT } from './documents.ts';

/** Paths of one machine and notes to oneself; written so that this file is not what it looks for. */
const FORBIDDEN = [
  /\/wor[k]\//,
  /\.\.\/share[d]/,
  /\/(tmp|root|home\/\w+)\//,
  /\b(TOD[O]|FIXM[E])\b/,
  /not implemente[d]/i,
];

describe('the documents', () => {
  it('link to files and headings that exist', () => {
    expect(documents().flatMap(brokenLinks)).toEqual([]);
  });

  it('would be found to have a link that leads nowhere', () => {
    const planted = { path: 'docs/planted.md', text: '# One\n\n[a](nowhere.md) [b](#two) [c](#one)\n' };
    expect(brokenLinks(planted)).toEqual([
      'docs/planted.md: nowhere.md: there is no such file',
      'docs/planted.md: #two: there is no such heading',
    ]);
  });

  it('show fleet files that load without an error', async () => {
    const fleets = documents().flatMap((shown) =>
      fences(shown)
        .filter(({ language, text }) => language === 'yaml' && /^version: \d/m.test(text))
        .map((fence) => ({ ...fence, path: shown.path })),
    );
    expect(fleets.length).toBeGreaterThan(10);
    const problems: string[] = [];
    for (const { path, line, text } of fleets) {
      const loaded = await loadFleet(join(ROOT, `${path}:${line}`), {
        secrets: { env: (name) => `the ${name}`, readFile: (path) => Promise.resolve(`a secret in ${path}`) },
        sections,
        readFile: () => Promise.resolve(text),
      });
      problems.push(...loaded.problems.filter(({ severity }) => severity === 'error').map(formatProblem));
    }
    expect(problems).toEqual([]);
  });

  it('hold no word that is of no use to readers', () => {
    const found = documents().flatMap(({ path, text }) =>
      FORBIDDEN.filter((word) => word.test(text)).map((word) => `${path}: ${word.source}`),
    );
    expect(found).toEqual([]);
  });
});

describe('README.md', () => {
  it('shows the two command lines', () => {
    const lines = document('README.md').split('\n');
    expect(lines).toContain('npm ci && npm run demo');
    expect(lines).toContain('npm cit');
  });
});

describe('docs/architecture.md', () => {
  it('says of every table what it holds', () => {
    const tables = readSources(`${ROOT}/src`).find(({ path }) => path === 'storage/tables.ts')?.text ?? '';
    const members = /interface Tables \{(.*?)^\}/ms.exec(tables)?.[1] ?? '';
    const declared = [...members.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
    const [, section = ''] = document('docs/architecture.md').split('## Where state lives\n');
    const rows = [...section.matchAll(/^\| (`[^|]+`) \|/gm)].map(([, names = '']) => names);
    const listed = rows.flatMap((names) => [...names.matchAll(/\w+/g)].map(([name]) => name));
    expect(declared.length).toBeGreaterThan(10);
    expect(listed.toSorted()).toEqual(declared.toSorted());
  });
});

describe('docs/decisions', () => {
  it('are numbered without a gap and say why', () => {
    const records = documents().filter(({ path }) => path.startsWith('docs/decisions/'));
    const numbers = records.map(({ path }) => Number(path.slice('docs/decisions/'.length).split('-')[0]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(records.map((_record, at) => at + 1));
    for (const { path, text } of records) {
      expect([path, text.match(/^## .+$/gm)]).toEqual([
        path,
        ['## Where we stood', '## What we decided', '## What follows'],
      ]);
    }
  });
});
