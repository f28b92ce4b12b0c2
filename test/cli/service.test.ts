import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isUntouched, unitFor, whyUnreachable } from '../../src/cli/service/unit.ts';
import { sections } from '../../src/daemon/sections.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

const SHIPPED = readFileSync(new URL('../../systemd/roomd.service', import.meta.url), 'utf8');
const HERE = { node: '/opt/node/bin/node', root: '/opt/roomd', fleetFile: '/etc/roomd/fleet.yaml' };

describe('The unit', () => {
  test('names this installation and nothing of the shipped one', () => {
    const unit = unitFor(SHIPPED, HERE);
    expect(unit).toContain(
      'ExecStart=/opt/node/bin/node --enable-source-maps /opt/roomd/dist/cli/main.js run --fleet /etc/roomd/fleet.yaml\n',
    );
    expect(unit).not.toContain('/usr/lib/node_modules');
  });

  test('knows whether somebody has changed it', () => {
    const unit = unitFor(SHIPPED, HERE);
    expect(isUntouched(unit)).toBe(true);
    expect(isUntouched(unit.replace('RestartSec=5', 'RestartSec=6'))).toBe(false);
    expect(isUntouched(SHIPPED)).toBe(false);
  });

  test('is not for a place that the service cannot see, nor for one that systemd misreads', () => {
    expect(whyUnreachable({ ...HERE, node: '/home/anna/.nvm/bin/node' })).toMatch(
      /^\/home\/anna.*ProtectHome/,
    );
    expect(whyUnreachable(HERE)).toBeNull();
    expect(() => unitFor(SHIPPED, { ...HERE, root: '/opt/my roomd' })).toThrow(/reads as its own/);
  });

  test.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('is one that systemd takes', () => {
    const path = join(temporaryFolder(), 'roomd.service');
    writeFileSync(path, unitFor(SHIPPED, { ...HERE, node: process.execPath }));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((text) => text.includes('roomd.service'))).toEqual([]);
  });
});

describe('roomd service', { timeout: 40_000 }, () => {
  test('says what it would put where, and puts nothing', async () => {
    const cwd = temporaryFolder();
    const { code, out } = await line(['service', 'install', '--dry-run', '--root', 'machine'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/machine\/etc\/roomd\/credentials +700 +would be made/);
    expect(out).toContain('DynamicUser=yes');
    expect(existsSync(join(cwd, 'machine'))).toBe(false);
  });

  test('puts it, keeps what is a person’s, and takes the unit away again', async () => {
    const cwd = temporaryFolder();
    const unit = join(cwd, 'machine/etc/systemd/system/roomd.service');
    const fleet = join(cwd, 'machine/etc/roomd/fleet.yaml');
    const install = (...more: string[]) =>
      line(['service', 'install', '--root', 'machine', ...more], { cwd });
    expect((await install()).code).toBe(0);
    expect(isUntouched(readFileSync(unit, 'utf8'))).toBe(true);
    expect(statSync(join(cwd, 'machine/etc/roomd/credentials')).mode & 0o777).toBe(0o700);
    expect(readFileSync(fleet, 'utf8')).toContain('sqlite:/var/lib/roomd/roomd.db');
    expect(readFileSync(fleet, 'utf8')).toContain('${credential:room-password}');
    const { problems } = await loadFleet(fleet, {
      secrets: { env: () => undefined, readFile: () => Promise.reject(new Error('no file')) },
      sections,
      missingSecrets: 'warning',
    });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);

    writeFileSync(fleet, 'mine');
    writeFileSync(unit, readFileSync(unit, 'utf8').replace('RestartSec=5', 'RestartSec=9'));
    const refused = await install();
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/has changed .*roomd\.service/)]);
    expect((await line(['service', 'uninstall', '--root', 'machine'], { cwd })).code).toBe(1);
    expect(readFileSync(unit, 'utf8')).toContain('RestartSec=9');

    expect((await install('--force')).code).toBe(0);
    expect(readFileSync(unit, 'utf8')).toContain('RestartSec=5');
    expect(readFileSync(`${unit}.old`, 'utf8')).toContain('RestartSec=9');
    expect(readFileSync(fleet, 'utf8')).toBe('mine');

    expect((await line(['service', 'uninstall', '--root', 'machine'], { cwd })).code).toBe(0);
    expect(existsSync(unit)).toBe(false);
    expect(readFileSync(fleet, 'utf8')).toBe('mine');
  });
});
