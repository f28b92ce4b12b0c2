import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isBuilt, pack, ROOT } from './packed.ts';

/** Everything that may be in the package, and of each line at least one file. */
const CONTENTS = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  /^CHANGELOG\.md$/,
  /^SECURITY\.md$/,
  /^fleet\.yaml$/,
  /^dist\/[a-z-]+(\/[a-z0-9-]+)*\.js(\.map)?$/,
  // What those who import the simulator need.
  /^dist\/(lib|schema|simulator)(\/[a-z0-9-]+)+\.d\.ts$/,
  /^dist\/[a-z0-9-]+(\/[a-z0-9-]+)+\.js$/,
  /^dist\/web\/index\.html$/,
  /^dist\/web\/icon\.svg$/,
  /^dist\/web\/assets\/index-[\w-]+\.(js|css)$/,
  /^docs\/[\w-]+\.md$/,
  /^docs\/images\/[\w-]+\.png$/,
  /^docs\/(?:decisions|ready-made|steps)\/[\w-]+\.md$/,
  /^examples\/.+\.(yaml|yml|md|js|ts|json|xml)$/,
  /^systemd\/roomd\.service$/,
  /^deploy\/(?!.*tests\.yml).+$/,
];

describe.skipIf(!isBuilt)('The package', { timeout: 60_000 }, () => {
  const files = isBuilt ? pack(null).files : [];
  const paths = files.map(({ path }) => path);

  test('holds what is needed and nothing else', () => {
    expect(paths.filter((path) => !CONTENTS.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(CONTENTS.filter((pattern) => !paths.some((path) => pattern.test(path)))).toEqual([]);
    expect(
      paths.filter((path) => /(^|\/)(test|node_modules|scripts)\/|\.test\.(ts|js)$|\.db$/.test(path)),
    ).toEqual([]);
  });

  test('has a program that starts: mode, first line, and where package.json says', () => {
    const { bin, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
      engines: { node: string };
    };
    expect(bin).toEqual({ roomd: 'dist/cli/main.js' });
    expect(engines.node).toMatch(/^\^20/);
    const main = files.find(({ path }) => path === bin['roomd']);
    expect((main?.mode ?? 0) & 0o111).toBe(0o111);
    expect(readFileSync(join(ROOT, 'dist/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const executable = files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path);
    expect(executable).toEqual([bin['roomd']]);
  });

  test('has source maps with the sources in them, and names no path of the machine that built it', () => {
    const home = ROOT.replace(/\/$/, '');
    for (const path of paths) {
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect([path, text.includes(home)]).toEqual([path, false]);
      if (!path.endsWith('.js.map')) continue;
      const { sources, sourcesContent = [] } = JSON.parse(text) as {
        sources: string[];
        sourcesContent?: (string | null)[];
      };
      expect([path, sourcesContent.filter((source) => source !== null).length]).toEqual([
        path,
        sources.length,
      ]);
    }
  });
});
