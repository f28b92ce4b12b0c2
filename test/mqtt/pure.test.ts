import { describe, expect, it } from 'vitest';
import type { DeviceView } from '../../src/actions/ports.ts';
import { sections } from '../../src/daemon/sections.ts';
import { inputOf } from '../../src/mqtt/commands.ts';
import { describeDevice } from '../../src/mqtt/discovery.ts';
import { mqttOf } from '../../src/mqtt/mqtt-section.ts';
import { roomState } from '../../src/mqtt/room-state.ts';
import { commandAt, objectId } from '../../src/mqtt/topics.ts';
import { fleetText, lines, loadText } from '../fleet/load-text.ts';
import { Discovery } from './home-assistant.ts';

const WHERE = { prefix: 'roomd', discovery: 'homeassistant' };
const load = (mqtt: string) =>
  loadText(fleetText({ top: `mqtt: { ${mqtt} }` }), { env: { PW: 'pw', MQ: 'tea' }, sections });

/** What these functions read of a view. */
const VIEW = {
  name: 'hall',
  product: 'Room Bar',
  software: null,
  serial: 'FOC1',
  tags: { site: 'oslo' },
  session: { state: 'up', word: 'up', since: 0, reason: null },
  presence: { state: 'no', count: 3, since: 0 },
  inCall: null,
  standby: 'Halfwake',
  sensors: [{ sensor: 'temperature', source: 'peripheral:1001', value: 21.5, unit: '°C' }],
} as unknown as DeviceView;

describe('mqtt in the fleet file', () => {
  it('has standards, and reads its secrets', async () => {
    const { fleet } = await load('url: "mqtt://broker:1883", username: house, password: "${env:MQ}"');
    const settings = fleet === null ? null : mqttOf(fleet);
    expect(settings).toMatchObject({
      url: 'mqtt://broker:1883',
      clientId: 'roomd',
      prefix: 'roomd',
      discovery: 'homeassistant',
      commands: [],
    });
    expect(settings?.login?.username.reveal()).toBe('house');
    expect(settings?.login?.password?.reveal()).toBe('tea');
    expect(JSON.stringify(settings)).not.toContain('tea');
  });

  it.each([
    ['url: "http://broker"', 'is no broker'],
    ['url: "mqtt://a:b@broker"', 'for everyone to read'],
    ['url: "mqtt://broker", prefix: "a/#"', 'is no beginning of a topic'],
    ['url: "mqtt://broker", password: "${env:MQ}"', 'a password without a username'],
    ['url: "mqtt://broker", commands: [reboot]', 'commands'],
    ['url: "mqtt://broker", devices: site=nowhere', 'mqtt.devices'],
    ['url: "mqtt://broker", username: house, password: plain', "the broker's password stands in the file"],
    ['url: "mqtt://broker", username: house, password: "${env:GONE}"', 'GONE is not set'],
  ])('says what is wrong with %s', async (mqtt, message) => {
    expect(lines(await load(mqtt)).join()).toContain(message);
  });
});

describe('What is told of a room', () => {
  it('is unknown where it is not known, and counts nobody in a room that is empty', () => {
    const { facts, sensors } = roomState(VIEW, WHERE, ['humidity', 'temperature-1001']);
    expect(Object.fromEntries(facts)).toEqual({
      'roomd/hall/availability': 'online',
      'roomd/hall/presence': 'OFF',
      'roomd/hall/people': 'unknown',
      'roomd/hall/call': 'unknown',
      'roomd/hall/standby': 'Halfwake',
      'roomd/hall/session': 'up',
      'roomd/hall/connectivity': 'ON',
    });
    expect(Object.fromEntries(sensors)).toEqual({
      'roomd/hall/sensor/humidity': 'unknown',
      'roomd/hall/sensor/temperature-1001': '21.5',
    });
  });

  it('is described as Home Assistant takes it, with entities for what is allowed', () => {
    const seen = ['air-quality', 'ambient-noise', 'humidity', 'temperature-1001'];
    const how = { where: WHERE, version: '1', commands: ['standby', 'message'] as const };
    const { device, components } = Discovery.parse(describeDevice(VIEW, seen, how));
    expect(device).toEqual({
      identifiers: ['roomd_hall'],
      name: 'hall',
      manufacturer: 'Cisco',
      model: 'Room Bar',
      serial_number: 'FOC1',
      suggested_area: 'oslo',
    });
    expect(Object.keys(components)).toEqual(expect.arrayContaining([...seen, 'standby-button', 'message']));
    expect(components['temperature-1001']).toMatchObject({
      name: 'Temperature (peripheral 1001)',
      unique_id: 'roomd_hall_temperature_1001',
      unit_of_measurement: '°C',
    });
  });
});

describe('Topics', () => {
  it('name a device and a command, and nothing else does', () => {
    const where = { prefix: 'house/roomd', discovery: null };
    expect(commandAt(where, 'house/roomd/hall/command/wake')).toEqual({ device: 'hall', command: 'wake' });
    for (const topic of ['house/hall/command/wake', 'house/roomd/hall/wake', 'house/roomd/hall/command/a/b'])
      expect(commandAt(where, topic)).toBeNull();
  });

  it('keep devices apart whose names Home Assistant cannot tell', () => {
    expect(objectId(WHERE, 'a.b')).toMatch(/^roomd_a_b_[0-9a-f]{8}$/);
    expect(objectId(WHERE, 'a.b')).not.toBe(objectId(WHERE, 'a_b'));
  });
});

describe('A message', () => {
  it('is a text or an object, and never for another device than its topic', () => {
    expect(inputOf('message', 'hall', 'Tea')).toEqual({ name: 'hall', text: 'Tea' });
    expect(inputOf('message', 'hall', '12')).toEqual({ name: 'hall', text: '12' });
    expect(inputOf('message', 'hall', '{"text":"Tea","name":"attic"}')).toEqual({
      name: 'hall',
      text: 'Tea',
    });
    expect(inputOf('wake', 'hall', '{"name":"attic"}')).toEqual({ name: 'hall' });
  });
});
