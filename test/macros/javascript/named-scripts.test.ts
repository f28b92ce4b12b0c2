import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/fleet/problem.ts';
import { bindMacros } from '../../../src/macros/bind.ts';
import { macroSection } from '../../../src/macros/macro.ts';
import { loadText, type TestFiles } from '../../fleet/load-text.ts';

const GOOD = "import { defineMacro } from 'roomd';\nexport default defineMacro({ async run() {} });\n";

/** Loads a fleet of macros with these scripts; what is wrong, each in a line. */
async function load(macros: string[], files: Record<string, string | Uint8Array>, rest: string[] = []) {
  const text = [
    'version: 1',
    'credentials: { a: { username: roomd, password: "${env:PW}" } }',
    'defaults: { credentials: a }',
    'devices: [{ name: room-1, host: 10.0.0.1 }]',
    ...rest,
    'macros:',
    ...macros,
  ].join('\n');
  const disk: TestFiles = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`/etc/roomd/${name}`, content]),
  );
  const loaded = await loadText(text, { env: { PW: 'p' }, files: disk, sections: [macroSection] });
  return { ...loaded, said: loaded.problems.map(formatProblem) };
}

const one = (more = ''): string => `  - { name: chore, devices: all, script: macros/a.js${more} }`;

describe('the script of a macro', () => {
  it('is read with the fleet, bound to its macro, and watched', async () => {
    const { fleet, said } = await load([one(), '  - { name: other, devices: all, steps: [{ wait: 1s }] }'], {
      'macros/a.js': GOOD,
    });
    expect(said).toEqual([]);
    expect(fleet?.sources).toEqual(['/etc/roomd/fleet.yaml', '/etc/roomd/macros/a.js']);
    if (fleet === null) throw new Error('no fleet');
    expect(bindMacros(fleet).map(({ javascript }) => javascript)).toEqual([
      { file: 'macros/a.js', source: GOOD },
      null,
    ]);
  });

  it('is judged by what it would say at the beginning of a run, with the place in its own file', async () => {
    const files = {
      'macros/syntax.js': "import { defineMacro } from 'roomd';\n\nconst a = ;\n",
      'macros/throws.js': 'null.x;',
      'macros/imports.js': "import fs from 'node:fs';",
      'macros/nothing.js': 'const a = 1;',
      'macros/loops.js': '\nfor (;;) {}',
      'macros/good.js': GOOD,
    };
    const names = Object.keys(files);
    const macros = names.map((name, index) => `  - { name: m${index}, devices: all, script: ${name} }`);
    const { fleet, said } = await load(macros, files);
    expect(fleet).toBeNull();
    expect(said.toSorted()).toEqual([
      '/etc/roomd/fleet.yaml:8:39 macros[2].script: the script macros/imports.js: there is no module "node:fs": a macro can import nothing but roomd',
      '/etc/roomd/fleet.yaml:9:39 macros[3].script: the script macros/nothing.js: TypeError: it exports no macro: write export default defineMacro({ async run(context) { … } })',
      expect.stringMatching(
        /^\/etc\/roomd\/macros\/loops\.js:\d+:\d+ macros\[4\]\.script: it computes for more than 250 ms/,
      ),
      "/etc/roomd/macros/syntax.js:3:11 macros[0].script: SyntaxError: unexpected token in expression: ';'",
      "/etc/roomd/macros/throws.js:1:5 macros[1].script: TypeError: cannot read property 'x' of null",
    ]);
  });

  it('must be there, be text, and not be too large', async () => {
    expect((await load([one()], {})).said).toEqual([
      '/etc/roomd/fleet.yaml:6:42 macros[0].script: the script macros/a.js cannot be read: there is no such file (/etc/roomd/macros/a.js).',
    ]);
    expect((await load([one()], { 'macros/a.js': Uint8Array.from([0x2f, 0x2f, 0xe6]) })).said).toEqual([
      '/etc/roomd/fleet.yaml:6:42 macros[0].script: the script macros/a.js is not UTF-8 text; save it as UTF-8.',
    ]);
    expect(
      (await load([one()], { 'macros/a.js': GOOD }, ['daemon: { limits: { script: 10B } }'])).said,
    ).toEqual([expect.stringMatching(/the script macros\/a\.js has 85 bytes, and 10 are the limit/)]);
  });

  it('stands in place of steps, and is never made up later', async () => {
    const { said } = await load(
      [
        one(', steps: [{ wait: 1s }]'),
        '  - { name: none, devices: all }',
        '  - { name: late, devices: all, script: macros/a.js, when: { schedule: "0 8 * * *" }, catchUp: 1h }',
      ],
      { 'macros/a.js': GOOD },
    );
    expect(said).toEqual([
      expect.stringMatching(/macros\[0\]\.script: a macro has either steps or a script/),
      expect.stringMatching(/macros\[1\]: the macro does nothing: it needs steps, or a script/),
      expect.stringMatching(/macros\[2\]\.catchUp: a script may call, and a call is never made up later/),
    ]);
  });

  it('has its path from the file that names it', async () => {
    const { fleet, said } = await load(
      ['  - { name: own, devices: all, script: a.js }'],
      {
        'a.js': GOOD,
        'oslo/macros.yaml': 'macros: [{ name: there, devices: all, script: b.js }]\n',
        'oslo/b.js': GOOD,
      },
      ['include: [oslo/macros.yaml]'],
    );
    expect(said).toEqual([]);
    expect(fleet?.sources.map((path) => path.replace('/etc/roomd/', '')).toSorted()).toEqual([
      'a.js',
      'fleet.yaml',
      'oslo/b.js',
      'oslo/macros.yaml',
    ]);
  });
});
