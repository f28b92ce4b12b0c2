import { afterEach, describe, expect, it, test } from 'vitest';
import { readAccount } from '../../src/fleet/account-check.ts';
import type { AccountRole } from '../../src/fleet/account-role.ts';
import { packVendorFile } from '../../src/fleet/knowledge/vendor-volumes.ts';
import type { SimulatorSettings } from '../../src/simulator/settings.ts';
import { fileText, integer, ON_OFF, setting } from './lint/vendor.ts';
import { lines, loadText, PW } from './load-text.ts';
import { FleetWorld, outcomes } from './world.ts';

function fleetWith(role: string, more = '', daemon = ''): string {
  return `version: 1
${daemon}
credentials:
  roomd: { username: roomd, password: "\${env:PW}"${role === '' ? '' : `, role: ${role}`} }
defaults:
  credentials: roomd
${more}
devices:
  - { name: one, host: 10.0.0.1 }
  - { name: two, host: 10.0.0.2 }
  - { name: three, host: 10.0.0.3 }
`;
}

const SETTINGS = '  configuration: { Standby.Control: On }';

describe('the role of an account', () => {
  test.each([
    ['', undefined],
    ['admin', ['Admin']],
    ['RoomControl', ['RoomControl']],
    ['"Integrator;user"', ['Integrator', 'User']],
    ['[integrator, user, Integrator]', ['Integrator', 'User']],
  ])('%s is read whatever its letter case', async (role, roles) => {
    const { fleet } = await loadText(fleetWith(role), { env: PW });
    expect(fleet?.devices[0]?.accountRoles).toEqual(roles);
  });

  test('that is none is told with its place and what there is', async () => {
    const loaded = await loadText(fleetWith('administrator'), { env: PW });
    expect(loaded.fleet).toBeNull();
    expect(lines(loaded)).toEqual([
      '4:58 credentials.roomd.role: "administrator" is no role of an account: write admin, audit, integrator, roomcontrol, user, or several parted by ;.',
    ]);
    expect(lines(await loadText(fleetWith('[integrater]'), { env: PW })).join()).toContain(
      'Did you mean "Integrator"?',
    );
  });

  test('that may not write what the file wants is a warning, once, with what to do', async () => {
    const warned = await loadText(
      fleetWith(
        'integrator',
        `${SETTINGS}\n  feedback: { expressions: [/Status/Call] }`,
        'daemon: { mode: enforce, feedback: { publicUrl: "https://rooms.example.com" } }',
      ),
      { env: PW },
    );
    expect(warned.fleet).not.toBeNull();
    expect(lines(warned)).toEqual([
      '4:58 credentials.roomd.role: warning: as Integrator this account may not write settings or feedback slots of one, two and 1 more: ' +
        'that takes Admin, so roomd can only look. Give it that role on the devices and write "role: admin".',
    ]);
    for (const [role, more] of [
      ['integrator', ''],
      ['admin', SETTINGS],
      ['[admin, audit]', SETTINGS],
      ['', SETTINGS],
    ] as const)
      expect(lines(await loadText(fleetWith(role, more), { env: PW }))).toEqual([]);
  });
});

describe('a device whose account is no administrator', () => {
  let world: FleetWorld;
  afterEach(() => world.close());

  /** One room that the file says has these roles, on a device where it has those. */
  async function room(
    accountRoles: readonly AccountRole[],
    settings: Partial<SimulatorSettings>,
    wishes = { 'Standby.Control': 'Off' } as Record<string, string>,
  ): Promise<void> {
    world = await FleetWorld.open([{ name: 'room-1' }], { simulator: settings });
    await world.wish({ 'room-1': wishes }, { 'room-1': { accountRoles } });
  }

  it('is judged before anything is sent where the schema tells the roles', async () => {
    await room(
      ['Integrator'],
      { accountRoles: ['Integrator'], putxmlTakes: 'any-role' },
      { 'Standby.Control': 'Off', 'Standby.Delay': '20' },
    );
    const schema = fileText(
      setting('Standby Control', ON_OFF, { role: ['Admin'] }),
      setting('Standby Delay', integer(1, 480), { fallback: '10' }),
    );
    await world.knowledge.importVendor(packVendorFile('26.4.1.json', schema, null), '26.4.1.json');
    const applied = await world.applyOne('room-1', { force: true });
    expect(applied.problems.map(({ message }) => message)).toEqual([
      'Standby.Control needs the role Admin; the account "roomd" has Integrator.',
    ]);
    // The small model gives every setting to administrators, whatever the schema says.
    expect(outcomes(applied)).toEqual(['Standby.Delay refused Permission denied']);
  });

  it.each([
    ['admin', /needs the Admin role/],
    ['any-role', /Permission denied/],
  ] as const)(
    'refuses the write, which is told and changes nothing: putxml of %s',
    async (putxmlTakes, why) => {
      await room(['Admin'], { accountRoles: ['User'], putxmlTakes });
      const applied = await world.applyOne('room-1', { force: true });
      expect(applied.results[0]?.outcome).toBe('refused');
      expect(applied.results[0]?.detail).toMatch(why);
      expect(world.held('room-1', 'Standby.Control')).toBe('On');
      // The login itself was right: it is not taken for a wrong password.
      expect((await world.plan('room-1')).state).toBe('drift');
    },
  );

  it.each(['items', 'text'] as const)('tells its roles to an administrator (%s)', async (rolesShape) => {
    await room(['Admin'], { accountRoles: ['Admin', 'User'], rolesShape });
    const device = world.target('room-1')?.device;
    if (device === undefined) throw new Error('no device');
    const ask = (...roles: AccountRole[]) => readAccount(device, { name: 'roomd', roles }, {});
    expect(await ask('Admin')).toEqual({ roles: ['Admin', 'User'], lack: null });
    expect((await ask('Admin', 'Audit')).lack).toBe(
      'the account "roomd" lacks the role Audit that the file says it has; on the device it has Admin and User',
    );
  });

  it('may not even ask, which is told where the file says more', async () => {
    for (const putxmlTakes of ['admin', 'any-role'] as const) {
      await room(['Admin'], { accountRoles: ['User'], putxmlTakes });
      const device = world.target('room-1')?.device;
      if (device === undefined) throw new Error('no device');
      const asked = await readAccount(device, { name: 'roomd', roles: ['Admin'] }, {});
      expect(asked).toEqual({
        roles: null,
        lack: expect.stringContaining('is no administrator on the device'),
      });
      expect(await readAccount(device, { name: 'roomd', roles: ['User'] }, {})).toEqual({
        roles: null,
        lack: null,
      });
      if (putxmlTakes === 'admin') await world.close();
    }
  });
});
