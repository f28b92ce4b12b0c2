import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listRuns } from '../../src/actions/macros.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { type Broker, type Listener, listen, mosquitto, startBroker } from '../support/broker.ts';
import { startRoomd } from '../support/roomd-process.ts';
import { eventually, fleetText, PASSWORD, runDaemon, simulated, temporaryFolder } from '../support/world.ts';
import { DISCOVERY_TOPIC, Discovery, shows } from './home-assistant.ts';

const CONFIGURATION = {
  'RoomAnalytics.PeoplePresenceDetector': 'On',
  'RoomAnalytics.PeopleCountOutOfCall': 'On',
};
const WITHIN_MS = 15_000;
/** As mosquitto_passwd writes the password `secret`. */
const HASH_OF_SECRET =
  '$7$101$yT8De25w8m4lkB3P$6q+iL48vWdDhcalGeqH4mfAkDYikaaad6JUo6bQKUQ781m9KjLO+z+QNEO0qWhwKHkH/18OIkNTOTMvG8c9DCg==';

const rooms = (names: readonly string[]) =>
  simulated(names.map((name) => ({ name, configuration: CONFIGURATION })));

const section = ({ url }: Broker, more = '') => `mqtt: { url: "${url}"${more === '' ? '' : `, ${more}`} }`;

/** What an entity of a device shows in Home Assistant. */
const entity = ({ said }: Listener, device: string, key: string) =>
  shows(said, said.get(`homeassistant/device/roomd_${device}/config`), key);

describe.skipIf(mosquitto === null)('A broker (needs mosquitto)', () => {
  test('hears how a room is: presence as it changes, and unavailable instead of empty while nobody knows', async () => {
    const broker = await startBroker();
    const home = await listen(broker);
    const simulator = await rooms(['hall']);
    const hall = simulator.device('hall');
    await runDaemon(fleetText({ devices: simulator.devices, more: section(broker) }));
    hall.state.people(3);
    await eventually(() => {
      expect(entity(home, 'hall', 'presence')).toBe('ON');
      expect(entity(home, 'hall', 'people')).toBe('3');
      expect(entity(home, 'hall', 'call')).toBe('OFF');
      expect(entity(home, 'hall', 'connectivity')).toBe('ON');
      expect(entity(home, 'hall', 'session')).toBe('up');
      expect(home.said.get('roomd/status')).toBe('online');
    }, WITHIN_MS);
    hall.state.people(0);
    await eventually(() => expect(entity(home, 'hall', 'presence')).toBe('OFF'), WITHIN_MS);
    hall.fault('offline', null);
    await eventually(() => {
      expect(entity(home, 'hall', 'presence')).toBe('unavailable');
      expect(entity(home, 'hall', 'standby')).toBe('unavailable');
      expect(entity(home, 'hall', 'connectivity')).toBe('OFF');
      expect(entity(home, 'hall', 'session')).toBe('unreachable');
      expect(home.said.get('roomd/hall/presence')).toBe('unknown');
    }, WITHIN_MS);
    const documents = [...home.said].filter(([topic]) => topic.startsWith('homeassistant/'));
    expect(documents.map(([topic]) => topic)).toEqual([expect.stringMatching(DISCOVERY_TOPIC)]);
    const { device, components } = Discovery.parse(JSON.parse(documents[0]?.[1] ?? ''));
    expect(device).toMatchObject({
      name: 'hall',
      serial_number: hall.state.status('SystemUnit.Hardware.Module.SerialNumber'),
    });
    const ids = Object.values(components).map(({ unique_id }) => unique_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(components)).not.toContain('standby-button');
    const presence = home.all.filter(({ topic }) => topic === 'roomd/hall/presence').map(({ text }) => text);
    expect(presence.filter((text, at) => text === presence[at - 1])).toEqual([]);
  });

  test('is told by last will that roomd was killed, and by roomd itself that it stops', async () => {
    const broker = await startBroker();
    const home = await listen(broker);
    const simulator = await rooms(['hall']);
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'fleet.yaml'),
      fleetText({ devices: simulator.devices, more: section(broker) }),
    );
    const run = () => startRoomd(['run'], { cwd: folder, env: { ROOM_PASSWORD: PASSWORD } });
    const status = (text: string) =>
      eventually(() => expect(home.said.get('roomd/status')).toBe(text), 30_000);
    const killed = run();
    await status('online');
    expect(entity(home, 'hall', 'connectivity')).toMatch(/ON|OFF/);
    await killed.kill('SIGKILL');
    await status('offline');
    expect(entity(home, 'hall', 'connectivity')).toBe('unavailable');
    const stopped = run();
    await status('online');
    await stopped.kill('SIGTERM');
    await status('offline');
  }, 90_000);

  test('passes on a command only where the file allows it, once, and hears what came of it', async () => {
    const broker = await startBroker();
    const home = await listen(broker);
    const simulator = await rooms(['hall']);
    const standby = () => simulator.device('hall').state.status('Standby.State');
    const text = (more?: string) =>
      fleetText({ devices: simulator.devices, mode: 'enforce', more: section(broker, more) });
    const { daemon, file, act, log } = await runDaemon(text());
    await eventually(() => expect(entity(home, 'hall', 'session')).toBe('up'), WITHIN_MS);
    const ask = (command: string, payload: string, retain = false) =>
      home.client.publishAsync(`roomd/hall/command/${command}`, payload, { qos: 1, retain });
    const result = () => JSON.parse(home.said.get('roomd/hall/result') ?? '{}') as object;
    await ask('standby', 'PRESS');
    await eventually(() =>
      expect(result()).toMatchObject({
        ok: false,
        state: 'refused',
        reason: expect.stringContaining('allow'),
      }),
    );
    expect((await act(listRuns)).items).toEqual([]);
    // Kept at the broker: heard with the connection that the changed file brings.
    await ask('standby', 'PRESS', true);
    writeFileSync(file, text('commands: [standby, message]'));
    await daemon.reload();
    await eventually(
      () => expect(log.map(({ message }) => message).join()).toContain('A retained command'),
      WITHIN_MS,
    );
    expect(standby()).not.toBe('Standby');
    await eventually(() => expect(entity(home, 'hall', 'standby-button')).toBe('unknown'), WITHIN_MS);
    await ask('standby', 'PRESS');
    await eventually(
      () => expect(result()).toMatchObject({ command: 'standby', ok: true, reason: null }),
      WITHIN_MS,
    );
    await eventually(() => expect(standby()).toBe('Standby'));
    await eventually(() => expect(entity(home, 'hall', 'standby')).toBe('Standby'), WITHIN_MS);
    expect((await act(listRuns)).items).toMatchObject([
      { device: 'hall', state: 'succeeded', trigger: expect.stringContaining('mqtt') },
    ]);
    await ask('message', '{"text": "Tea is ready", "seconds": 5, "name": "attic"}');
    await eventually(() => expect(result()).toMatchObject({ command: 'message', ok: true }), WITHIN_MS);
    await ask('message', '{"seconds": 5}');
    await eventually(
      () => expect(result()).toMatchObject({ command: 'message', state: 'refused' }),
      WITHIN_MS,
    );
  });

  test('keeps nothing of a device that left the file, of another prefix, and of a section that is gone', async () => {
    const broker = await startBroker();
    const home = await listen(broker);
    const simulator = await rooms(['hall', 'attic']);
    const folder = temporaryFolder();
    const text = (more: string, devices = simulator.devices) => fleetText({ devices, more });
    const first = await runDaemon(text(section(broker)), { folder });
    const about = (word: string) => [...home.said.keys()].filter((topic) => topic.includes(word));
    await eventually(() => {
      expect(entity(home, 'hall', 'session')).toBe('up');
      expect(entity(home, 'attic', 'session')).toBe('up');
    }, WITHIN_MS);
    await first.daemon.stop();
    // While no daemon ran.
    const hall = simulator.devices.filter(({ name }) => name === 'hall');
    const { daemon, file } = await runDaemon(text(section(broker), hall), { folder });
    await eventually(() => expect(about('attic')).toEqual([]), WITHIN_MS);
    await eventually(() => expect(entity(home, 'hall', 'session')).toBe('up'), WITHIN_MS);
    writeFileSync(file, text(section(broker, 'prefix: house/rooms, discovery: off'), hall));
    await daemon.reload();
    await eventually(() => {
      expect(about('hall').length).toBeGreaterThan(4);
      expect(about('').filter((topic) => !topic.startsWith('house/rooms/'))).toEqual([]);
    }, WITHIN_MS);
    writeFileSync(file, text('', hall));
    await daemon.reload();
    await eventually(() => expect(about('')).toEqual([]), WITHIN_MS);
  });

  test('is spoken to over TLS: one that nobody vouches for is told nothing, and with its authority all', async () => {
    const folder = temporaryFolder();
    const { pem, keyPem } = selfSign(newKeyPair(), { commonName: 'broker', now: Date.now() });
    writeFileSync(join(folder, 'broker.pem'), pem);
    writeFileSync(join(folder, 'broker.key'), keyPem);
    const broker = await startBroker(
      [
        'allow_anonymous true',
        `certfile ${join(folder, 'broker.pem')}`,
        `keyfile ${join(folder, 'broker.key')}`,
      ],
      'mqtts',
    );
    const home = await listen(broker);
    const { devices } = await rooms(['hall']);
    const text = (more?: string) => fleetText({ devices, more: section(broker, more) });
    const { daemon, file } = await runDaemon(text(), { folder });
    const trouble = async () =>
      (await daemon.ports.system()).health.find(({ part }) => part === 'mqtt')?.reason;
    await eventually(async () => expect(await trouble()).toContain('certificate'), WITHIN_MS);
    expect(home.all).toEqual([]);
    writeFileSync(file, text('tls: { ca: missing.pem }'));
    await daemon.reload();
    await eventually(async () => expect(await trouble()).toContain('missing.pem'), WITHIN_MS);
    // Beside the fleet file.
    writeFileSync(file, text('tls: { ca: broker.pem }'));
    await daemon.reload();
    await eventually(() => expect(entity(home, 'hall', 'session')).toBe('up'), WITHIN_MS);
    expect(await trouble()).toBeNull();
  });

  test('may be away, or not take the login: roomd says so, works on, and tells everything when it is back', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'passwords'), `house:${HASH_OF_SECRET}\n`);
    const broker = await startBroker(['allow_anonymous false', `password_file ${join(folder, 'passwords')}`]);
    const simulator = await rooms(['hall']);
    const login = 'username: house, password: "${env:MQTT_PASSWORD}"';
    const env = { MQTT_PASSWORD: 'wrong' };
    const { daemon, get } = await runDaemon(
      fleetText({ devices: simulator.devices, more: section(broker, login) }),
      { env },
    );
    const health = async () => {
      const { parts } = (await (await get('/healthz')).json()) as {
        parts: { part: string; reason: string }[];
      };
      return parts.find(({ part }) => part === 'mqtt')?.reason;
    };
    await eventually(async () => expect(await health()).toContain("does not take roomd's login"), WITHIN_MS);
    expect((await get('/readyz')).status).toBe(200);
    env.MQTT_PASSWORD = 'secret';
    await daemon.reload();
    await eventually(async () => expect(await health()).toBeNull(), WITHIN_MS);
    const home = await listen(broker, { username: 'house', password: 'secret' });
    await broker.stop();
    await eventually(async () => expect(await health()).toContain('broker'), WITHIN_MS);
    expect(await (await get('/metrics')).text()).toContain('roomd_mqtt_connected 0');
    simulator.device('hall').state.people(2);
    await broker.start();
    await eventually(() => expect(entity(home, 'hall', 'people')).toBe('2'), 30_000);
    await eventually(async () => expect(await health()).toBeNull(), WITHIN_MS);
    const before = home.all.length;
    await home.client.publishAsync('homeassistant/status', 'online', { qos: 1 });
    await eventually(
      () =>
        expect(home.all.slice(before).map(({ topic }) => topic)).toContain(
          'homeassistant/device/roomd_hall/config',
        ),
      WITHIN_MS,
    );
    expect((await daemon.ports.checkSystems({})).at(-1)).toMatchObject({ system: 'mqtt', ok: true });
  }, 90_000);
});
