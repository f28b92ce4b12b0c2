import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lint } from '../../src/actions/lint.ts';
import { plan } from '../../src/actions/plan.ts';
import { checkSarif } from '../fleet/lint/check-sarif.ts';
import { fileText, integer, ON_OFF, setting } from '../fleet/lint/vendor.ts';
import { fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

const SCHEMA = fileText(
  setting('Audio DefaultVolume', integer(0, 100), { fallback: '50' }),
  setting('Standby Control', ON_OFF, { fallback: 'On' }),
);
const ASSUME = ['--assume', 'product=Codec Pro', 'software=26.4.1'];

function folderWith(value: string): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, '26.4.1.json'), SCHEMA);
  writeFileSync(
    join(cwd, 'fleet.yaml'),
    `version: 1
daemon: { database: "sqlite:./data/roomd.db" }
credentials: { roomd: { username: admin, password: "\${env:NOT_SET_HERE}" } }
defaults:
  credentials: roomd
  configuration:
    Audio.DefaultVolume: ${value}
devices:
  - { name: one, host: 10.0.0.1 }
  - { name: two, host: 10.0.0.2 }
`,
  );
  return cwd;
}

describe('roomd lint', () => {
  test('works without a database and without secrets, makes none, and exits 0 or 1', async () => {
    const cwd = folderWith('70');
    const good = await line(['lint', '--schema', '26.4.1.json', ...ASSUME], { cwd });
    expect(good).toMatchObject({
      code: 0,
      err: '',
      out: 'Lint: 2 devices, 2 settings: 0 errors, 0 warnings, 0 notes. Nothing was contacted.',
    });
    await expect(readFile(join(cwd, 'data', 'roomd.db'))).rejects.toThrow('ENOENT');
    const bad = folderWith('101');
    const { code, out } = await line(['lint', '--schema', '26.4.1.json', ...ASSUME], { cwd: bad });
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'fleet.yaml:7:26: error: Audio.DefaultVolume: the device refuses "101": expected an integer from 0 to 100. [out-of-range]',
      '  set by defaults, for 2 devices: one, two (Codec Pro 26.4.1)',
      '',
      'Lint: 2 devices, 2 settings: 1 error, 0 warnings, 0 notes. Nothing was contacted.',
    ]);
  });

  test('says what it does not know, and shows notes when asked', async () => {
    const cwd = folderWith('50');
    const unknown = await line(['lint'], { cwd });
    expect(unknown.code).toBe(0);
    expect(unknown.out).toContain('it is not known which product these devices are');
    expect(unknown.out).toContain('2 devices, 0 of them checked');
    const quiet = await line(['lint', '--schema', '26.4.1.json', ...ASSUME], { cwd });
    expect(quiet.out).toContain('1 note (shown with --notes)');
    const notes = await line(['lint', '--notes', '--schema', '26.4.1.json', ...ASSUME], { cwd });
    expect(notes.out).toContain('[equals-default]');
  });

  test('prints JSON, SARIF, or SARIF into a file beside the text', async () => {
    const cwd = folderWith('101');
    const known = ['--schema', '26.4.1.json', ...ASSUME];
    const json = await line(['lint', '--json', ...known], { cwd });
    expect(json.json()).toMatchObject({
      software: null,
      findings: [{ rule: 'out-of-range', place: { line: 7, column: 26 }, devices: ['one', 'two'] }],
      summary: { devices: 2, checked: 2, errors: 1 },
    });
    const sarif = await line(['lint', '--sarif', ...known], { cwd });
    expect(sarif.code).toBe(1);
    expect(checkSarif(sarif.json())).toEqual([]);
    expect(JSON.stringify(sarif.json())).toContain('{"uri":"fleet.yaml","uriBaseId":"SRCROOT"}');
    const file = await line(['lint', ...known, '--sarif', 'out.sarif'], { cwd });
    expect(file.out).toContain('1 error');
    expect(JSON.parse(await readFile(join(cwd, 'out.sarif'), 'utf8'))).toEqual(sarif.json());
    expect((await line(['lint', '--json', '--sarif', ...known], { cwd })).code).toBe(2);
  });

  test('ends with 4 for a broken file, whose problems are SARIF too, and with 2 for bad usage', async () => {
    const cwd = folderWith('101');
    writeFileSync(join(cwd, 'fleet.yaml'), 'version: 1\ndevices: [{ name: x }]\n');
    const { code, out } = await line(['lint', '--sarif'], { cwd });
    expect(code).toBe(4);
    const log: unknown = JSON.parse(out);
    expect(checkSarif(log)).toEqual([]);
    expect(JSON.stringify(log)).toContain('"ruleId":"fleet-file"');
    const other = folderWith('5');
    for (const argv of [
      ['--software', '26'],
      ['--assume', 'nothing'],
      ['--schema', 'missing.json'],
      ['-d', 'a &'],
    ])
      expect([argv, (await line(['lint', ...argv], { cwd: other })).code]).toEqual([argv, 2]);
  });

  test('answers what an upgrade changes', async () => {
    const cwd = folderWith('70');
    writeFileSync(
      join(cwd, '27.1.0.json'),
      fileText(setting('Audio DefaultVolume', integer(0, 60), { fallback: '50' })),
    );
    const upgrade = ['lint', '--software', '27.1.0', '--schema', '26.4.1.json', '27.1.0.json', ...ASSUME];
    const { code, out } = await line(upgrade, { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/"70".*0 to 60.*Before the upgrade it takes an integer from 0 to 100/);
    expect(out).toContain('Lint against 27.1.0: 2 devices');
  });
});

describe('roomd schema import', () => {
  test('keeps what products accept in the database, where lint and list find it', async () => {
    const cwd = folderWith('101');
    expect(await line(['schema', 'import', '26.4.1.json'], { cwd })).toMatchObject({
      code: 0,
      out: '26.4.1.json: 26.4.1, 1 product.',
    });
    expect((await line(['schema', 'list'], { cwd })).out).toBe(
      'barents  Codec Pro  26.4.1  2 settings  from 26.4.1.json',
    );
    const { code, out } = await line(['lint', ...ASSUME], { cwd });
    expect(code).toBe(1);
    expect(out).toContain('[out-of-range]');
  });

  test('takes in the files that are good, and names each that is not with its flaw', async () => {
    const cwd = folderWith('5');
    writeFileSync(join(cwd, '27.1.0.json'), '{"rooms":[]}');
    const files = ['27.1.0.json', 'nowhere.json', '26.4.1.json'];
    const { code, out, err } = await line(['schema', 'import', ...files], { cwd });
    expect([code, out]).toEqual([1, '26.4.1.json: 26.4.1, 1 product.']);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/27\.1\.0\.json: This is no xAPI schema file: it lacks the list "objects"/),
      expect.stringContaining('nowhere.json'),
    ]);
    const none = await line(['schema', 'import', 'nowhere.json'], { cwd });
    expect(none.code).toBe(1);
  });

  test('hands the file to the daemon that runs, which lints by it at once', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const file = fleetText({ devices: simulator.devices, configuration: { 'Audio.DefaultVolume': '101' } });
    const { act, folder } = await runDaemon(file);
    await act(plan);
    writeFileSync(join(folder, '26.4.1.json'), SCHEMA);
    const imported = await line(['schema', 'import', '26.4.1.json', '--json'], { cwd: folder });
    expect(imported.json()).toEqual({
      imported: [{ software: '26.4.1', products: ['barents'], settings: 2 }],
      failures: [],
    });
    const { code, out } = await line(['lint', '--assume', 'hall:product=barents', 'hall:software=26.4.1'], {
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(out).toContain('"101"');
    const report = await act(lint, { assume: ['hall:product=barents', 'hall:software=26.4.1'] });
    expect(report.findings).toMatchObject([{ rule: 'out-of-range', devices: ['hall'] }]);
  });
});
