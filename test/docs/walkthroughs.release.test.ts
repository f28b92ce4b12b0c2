import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Ended, type RoomdProcess, roomd, startRoomd } from '../support/roomd-process.ts';
import { eventually, freeBasePort, freePort, temporaryFolder } from '../support/world.ts';
import { commandLines, roomdWords } from './command-lines.ts';
import { document, fences } from './documents.ts';

/** Runs lines of a page in a folder, with what the page could not know put in its place. */
class Reader {
  readonly folder = temporaryFolder();
  readonly env: Record<string, string> = {};
  readonly #replaced: readonly (readonly [string, string])[];

  constructor(replaced: readonly (readonly [string, string])[]) {
    this.#replaced = replaced;
  }

  text(shown: string): string {
    return this.#replaced.reduce((text, [from, to]) => text.replaceAll(from, to), shown);
  }

  start(line: string): RoomdProcess {
    return startRoomd(this.#words(line), { cwd: this.folder, env: this.env });
  }

  /** There is no terminal, so what asks is told yes beforehand. */
  run(line: string): Promise<Ended> {
    const words = this.#words(line);
    const asks = words.some((word) => word === 'apply' || word === 'restore');
    return roomd(asks ? [...words, '--yes'] : words, { cwd: this.folder, env: this.env });
  }

  async shell(line: string): Promise<void> {
    await promisify(execFile)('bash', ['-c', this.text(line)], { env: { ...process.env, ...this.env } });
  }

  #words(line: string): string[] {
    const words = roomdWords(this.text(line));
    if (words === null) throw new Error(`${line} is no call of roomd`);
    return words;
  }
}

/** The lines of a page, from the first that begins so on. */
function linesOf(path: string, from: string): string[] {
  const lines = commandLines({ path, text: document(path) }).map(({ text }) => text);
  const first = lines.findIndex((line) => line.startsWith(from));
  expect(first).toBeGreaterThanOrEqual(0);
  return lines.slice(first);
}

async function simulate(reader: Reader, line: string): Promise<string> {
  const simulator = reader.start(line);
  const control = await simulator.line((said) => said.startsWith('control'));
  await simulator.line((said) => said.startsWith('Ready'));
  return control.split(/\s+/)[1] ?? '';
}

async function sessionsUp(reader: Reader, readyz: string): Promise<void> {
  await eventually(async () => expect((await fetch(readyz)).status).toBe(200), 60_000);
  await eventually(async () => expect((await reader.run('roomd sessions')).out).toMatch(/3 up/), 20_000);
}

/** Lines of the quick start that end otherwise than with 0: something differs, something is wrong. */
const CODES: Readonly<Record<string, number>> = { 'roomd plan': 3, 'roomd doctor huddle': 1 };

test('The quick start goes to its end as it is written', async () => {
  const path = 'docs/quick-start.md';
  const [base, api, feedback] = [await freeBasePort(3), await freePort(), await freePort()];
  const reader = new Reader([
    ['--base-port 20700', `--base-port ${base}`],
    ...[1, 2, 3].map((at) => [`127.0.0.1:2070${at}`, `127.0.0.1:${base + at}`] as const),
    ['127.0.0.1:8080', `127.0.0.1:${api}`],
    ['127.0.0.1:8443', `127.0.0.1:${feedback}`],
  ]);
  const [simulateLine = '', ...lines] = linesOf(path, 'roomd simulate');
  const control = await simulate(reader, simulateLine);
  const yaml = fences({ path, text: document(path) }).find(({ language }) => language === 'yaml')?.text ?? '';
  writeFileSync(
    join(reader.folder, 'fleet.yaml'),
    reader.text(yaml).replace('mode: observe', 'mode: enforce'),
  );
  const said: Record<string, Ended> = {};
  for (const line of lines) {
    if (line.startsWith('export ')) {
      const [name = '', value = ''] = line.slice('export '.length).split('=');
      reader.env[name] = value;
    } else if (line.startsWith('CONTROL=')) {
      reader.env['CONTROL'] = control;
    } else if (line.startsWith('curl ')) {
      await reader.shell(line);
    } else if (line === 'roomd run') {
      reader.start(line);
      await sessionsUp(reader, `http://127.0.0.1:${api}/readyz`);
    } else {
      said[line] = await reader.run(line);
    }
  }
  const failed = Object.entries(said).filter(([line, { code }]) => code !== (CODES[line] ?? 0));
  expect(failed).toEqual([]);
  expect(said['roomd plan']?.out).toContain('~ Audio.DefaultVolume: 70 → 60');
  expect(said['roomd apply']?.out).toContain('✓ Audio.DefaultVolume: 70 → 60  accepted');
  expect(said['roomd explain boardroom Audio.DefaultVolume']?.out).toContain('set by defaults');
  expect((await reader.run('roomd plan')).out).toMatch(/boardroom +in sync/);
  await eventually(async () => {
    const { out } = await reader.run('roomd status');
    expect(out).toMatch(/boardroom +up .* yes/);
    expect(out).toMatch(/huddle +unreachable/);
    expect((await reader.run('roomd history desk')).out).toMatch(/"90" → "60"\n +accepted +by drift/);
  }, 30_000);
}, 120_000);

test('Adopting, backup and restore go to their end as they are written', async () => {
  const path = 'docs/adopting.md';
  const base = await freeBasePort(3);
  const reader = new Reader([
    ['10.0.3.11', `127.0.0.1:${base + 1}`],
    ['10.0.3.12', `127.0.0.1:${base + 2}`],
    ['rb.example.com:8443', `127.0.0.1:${base + 3}`],
    ['roomd-admin', 'admin'],
    ['/etc/roomd/', './'],
    ['/srv/', './'],
  ]);
  await simulate(reader, `roomd simulate --devices 3 --base-port ${base}`);
  const list =
    fences({ path, text: document(path) }).find(({ text }) => text.startsWith('host,'))?.text ?? '';
  writeFileSync(join(reader.folder, 'rooms.csv'), reader.text(list));
  writeFileSync(join(reader.folder, 'password'), 'secret\n');
  mkdirSync(join(reader.folder, 'room-backups'));
  reader.env['ROOM_PASSWORD'] = 'secret';
  const [byHost = '', byList = '', plan = '', backup = '', restore = ''] = linesOf(path, 'roomd adopt');
  for (const line of [byHost, `${byList} --force`, plan, `${backup} --fleet adopted.yaml`]) {
    const { code, err } = await reader.run(line);
    expect([line, code, err]).toEqual([line, 0, expect.any(String)]);
  }
  const { code, out } = await reader.run(`${restore} --fleet adopted.yaml`);
  expect([code, out]).toEqual([0, expect.stringMatching(/boardroom-1/)]);
}, 120_000);
