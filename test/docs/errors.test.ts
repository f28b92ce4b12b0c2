import { describe, expect, it } from 'vitest';
import { readSources } from '../law/imports.ts';
import { document, ROOT } from './documents.ts';

const SOURCES = readSources(`${ROOT}/src`);
const SOURCE = SOURCES.map(({ text }) => text).join('\n');
const SECTIONS = sectionsOf(document('docs/errors.md'));

describe('docs/errors.md', () => {
  it('tells of every class of errors with exactly the codes that it has', () => {
    const classes = codesByClass(SOURCE);
    expect(classes.size).toBeGreaterThan(15);
    expect(documented([...classes.keys()])).toEqual(merged(classes));
  });

  it('tells of every code that the API makes by itself', () => {
    const api = SOURCES.filter(({ path }) => path.startsWith('http/')).map(({ text }) => text);
    const made = [...api.join('\n').matchAll(/\bproblem\(\s*\d+,\s*'([a-z-]+)'/g)].map(
      ([, code = '']) => code,
    );
    expect([...(SECTIONS.get('HTTP API') ?? [])].toSorted()).toEqual([...new Set(made)].toSorted());
  });

  it('tells of every code that a command makes by itself', () => {
    const made = codesIn('cli/run-cli.ts', /code: '([a-z-]+)'/g, /\[EXIT\.(?!ok)\w+\]: '([a-z-]+)'/g);
    expect([...(SECTIONS.get('Command line') ?? [])].toSorted()).toEqual([...new Set(made)].toSorted());
  });

  it('tells of everything that may become of a post', () => {
    const results = [...literals(typeNamed('PostResult')), ...literals(typeNamed('FeedbackErrorCode'))];
    expect([...(SECTIONS.get('Webhook posts') ?? [])].toSorted()).toEqual(results.toSorted());
  });

  it('would notice a class and a code that it does not tell of', () => {
    const planted = `type ColdCode = 'frozen' | 'icy';\nclass ColdError extends RoomdError<ColdCode> {}`;
    expect(codesByClass(`${SOURCE}\n${planted}`).get('ColdError')).toEqual(new Set(['frozen', 'icy']));
    expect(SECTIONS.has('ColdError')).toBe(false);
  });
});

/** The codes of each class that extends RoomdError, and of RoomdError itself where it is thrown as it is. */
function codesByClass(source: string): Map<string, Set<string>> {
  const classes = new Map<string, Set<string>>();
  for (const [, name = '', type = ''] of source.matchAll(
    /class (\w+) extends RoomdError(?:<([^>]+)>)? \{/g,
  )) {
    const codes = type === '' ? constructed(source, name) : literals(type);
    classes.set(name, new Set(codes.length > 0 ? codes : literals(typeNamed(type, source))));
  }
  const bare = constructed(source, 'RoomdError');
  if (bare.length > 0) classes.set('RoomdError', new Set(bare));
  return classes;
}

function constructed(source: string, name: string): string[] {
  const codes = [...source.matchAll(new RegExp(`new ${name}\\(\\s*'([a-z-]+)'`, 'g'))];
  // The control server answers some codes without an error of its own.
  const inner = name === 'ControlError' ? codesIn('daemon/control.ts', /code: '([a-z-]+)'/g) : [];
  return [...codes.map(([, code = '']) => code), ...inner];
}

function codesIn(path: string, ...patterns: readonly RegExp[]): string[] {
  const text = SOURCES.find((source) => source.path === path)?.text ?? '';
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = '']) => code));
}

function typeNamed(name: string, source = SOURCE): string {
  return new RegExp(`type ${name} =([^;]+);`).exec(source)?.[1] ?? '';
}

function literals(type: string): string[] {
  return [...type.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
}

/** Heading → codes in the first column of the table below it. */
function sectionsOf(text: string): Map<string, Set<string>> {
  const parts = text.split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const heading = part.slice(0, part.indexOf('\n'));
      return [heading, new Set([...part.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code = '']) => code))];
    }),
  );
}

/** What the page has, by heading; a heading may name several classes. */
function documented(classes: readonly string[]): Record<string, string[]> {
  const own = [...SECTIONS].filter(([heading]) => heading.split(', ').some((name) => classes.includes(name)));
  return sorted(own);
}

/** What the source has, under the page's headings; a class that no heading names stands by itself. */
function merged(classes: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string[]> {
  const byHeading = new Map<string, Set<string>>();
  for (const [name, codes] of classes) {
    const heading = [...SECTIONS.keys()].find((candidate) => candidate.split(', ').includes(name)) ?? name;
    byHeading.set(heading, new Set([...(byHeading.get(heading) ?? []), ...codes]));
  }
  return sorted([...byHeading]);
}

function sorted(entries: readonly (readonly [string, ReadonlySet<string>])[]): Record<string, string[]> {
  const inOrder = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(inOrder.map(([name, codes]) => [name, [...codes].toSorted()]));
}
