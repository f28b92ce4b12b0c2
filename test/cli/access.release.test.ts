import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

function folderWithFile(): string {
  const cwd = temporaryFolder();
  writeFileSync(`${cwd}/fleet.yaml`, fleetText({ devices: [{ name: 'hall', port: 9 }] }));
  return cwd;
}

describe('roomd token and roomd user', () => {
  test('work on the database where no daemon runs, and say what follows', async () => {
    const cwd = folderWithFile();
    const made = await line(['token', 'create', 'grafana', '--expires', '90d', '-d', 'hall'], { cwd });
    expect(made.out).toMatch(/^roomd_[\w-]{32}$/);
    expect(made.err).toContain('this is the first');
    expect((await line(['token', 'create', 'grafana'], { cwd })).code).not.toBe(0);
    const listed = await line(['token', 'list'], { cwd });
    expect(listed.out).toMatch(/grafana +viewer +hall +\S+Z +\S+Z +- +database/);
    const last = await line(['token', 'revoke', 'grafana'], { cwd });
    expect([last.code, last.err]).toEqual([1, expect.stringContaining('last of all')]);
    expect((await line(['token', 'revoke', 'grafana', '--even-last'], { cwd })).out).toContain('Revoked');
    expect((await line(['token', 'list'], { cwd })).out).toBe('There are no tokens.');
  });

  test('ask for a password twice, take it from standard input, and refuse a short one', async () => {
    const cwd = folderWithFile();
    const words = 'four words nobody says';
    const create = ['user', 'create', 'anna', '--role', 'admin'];
    expect((await line(create, { cwd, answer: true, secrets: [words, 'other'] })).code).toBe(2);
    expect((await line(create, { cwd })).err).toContain('--password-stdin');
    expect((await line([...create, '--password-stdin'], { cwd, input: 'short' })).err).toContain(
      '12 characters',
    );
    expect((await line(create, { cwd, answer: true, secrets: [words, words] })).out).toContain('Made: anna');
    expect((await line(['user', 'list'], { cwd })).out).toMatch(/anna +admin +all/);
    const last = await line(['user', 'change', 'anna', '--role', 'viewer'], { cwd });
    expect([last.code, last.err]).toEqual([1, expect.stringContaining('last admin')]);
    const passed = await line(['user', 'passwd', 'anna', '--password-stdin'], { cwd, input: `${words}!` });
    expect(passed.out).toContain('another password');
    expect((await line(['user', 'remove', 'anna', '--even-last'], { cwd })).out).toContain('Removed: anna');
  });

  test('count at once in the running daemon', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    const { folder: cwd, get } = await runDaemon(fleetText({ devices }));
    const token = (await line(['token', 'create', 'desk', '--role', 'operator'], { cwd })).out;
    const headers = { authorization: `Bearer ${token}` };
    expect((await get('/api/v1/devices')).status).toBe(401);
    expect((await get('/api/v1/devices', headers)).status).toBe(200);
    expect((await line(['token', 'list', '--json'], { cwd })).json()).toMatchObject({
      items: [
        { name: 'desk', role: 'operator', devices: null, place: 'database', lastUsed: expect.any(String) },
      ],
    });
    await line(['user', 'create', 'anna', '--password-stdin'], { cwd, input: 'four words nobody says' });
    await line(['token', 'revoke', 'desk'], { cwd });
    expect((await get('/api/v1/devices', headers)).status).toBe(401);
  });
});
