import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { oneWay, otherWay, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { NOT_ASKED } from '../../src/xapi/conformance/not-asked.ts';
import { redactor } from '../../src/xapi/conformance/redact.ts';
import { type ConformanceReport, PROBES } from '../../src/xapi/conformance/report.ts';
import { line } from '../cli/command-line.ts';
import { fleetText, PASSWORD, simulated, temporaryFolder, USER } from '../support/world.ts';

const SETTINGS: ReadonlySet<string> = new Set(Object.keys(oneWay));

async function reportOf(preset: SimulatorSettings) {
  const simulator = await simulated(
    [{ name: 'hall-of-anna', model: builtInModels.room, configuration: { 'SystemUnit.Name': 'Annas Hall' } }],
    { preset },
  );
  const device = simulator.device('hall-of-anna');
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
  const { code, out, err } = await line(['conformance', 'hall-of-anna', '--json'], { cwd });
  expect([code, err]).toEqual([0, '']);
  return { device, out, cwd, report: JSON.parse(out) as ConformanceReport };
}

function shown(value: SimulatorSettings[keyof SimulatorSettings]): unknown {
  return Array.isArray(value) ? value.join(',') : value;
}

describe('roomd conformance DEVICE', { timeout: 60_000 }, () => {
  test.each([
    ['one way', oneWay],
    ['the other way', otherWay],
  ])('sees how a device behaves that answers every unknown %s, and changes nothing', async (_way, preset) => {
    const { device, report, out, cwd } = await reportOf(preset);
    for (const { setting, choice, seen } of report.probes) {
      if (setting === null || choice === null) continue;
      expect([setting, choice, seen]).toEqual([
        setting,
        shown(preset[setting as keyof SimulatorSettings]),
        seen,
      ]);
    }
    const told = report.probes.flatMap(({ setting, choice }) => (choice === null ? [] : [setting]));
    for (const setting of ['notLoggedIn', 'sessionCookies', 'socketRefusal', 'answersPings', 'absentNode'])
      expect(told).toContain(setting);
    for (const setting of ['maxSubscriptions', 'unknownArgument', 'rolesShape', 'socketsCountAsSessions'])
      expect(told).toContain(setting);
    expect(device.counters.written.size).toBe(0);
    expect(device.failedLogins).toBe(0);
    expect(device.state.sessions.list()).toEqual([]);
    for (const word of [device.serial, 'Annas Hall', 'hall-of-anna', '127.0.0.1', USER, PASSWORD, '00:50:60'])
      expect(out).not.toContain(word);
    writeFileSync(join(cwd, 'report.json'), 'mine');
    expect((await line(['conformance', 'hall-of-anna', '--out', 'report.json'], { cwd })).code).toBe(1);
    expect(readFileSync(join(cwd, 'report.json'), 'utf8')).toBe('mine');
  });

  test('has a probe, or a reason for none, for every unknown of the simulator', () => {
    const differing = [...SETTINGS].filter(
      (name) =>
        JSON.stringify(oneWay[name as keyof SimulatorSettings]) !==
        JSON.stringify(otherWay[name as keyof SimulatorSettings]),
    );
    const asked = PROBES.flatMap(({ setting }) => setting ?? []);
    expect([...asked, ...Object.keys(NOT_ASKED)].toSorted()).toEqual(differing.toSorted());
  });
});

describe('What leaves in a report', () => {
  const clean = redactor(['FOC2233XYZ', 'Boardroom 1', 'admin']);

  test.each([
    'error 1: FOC2233XYZ is busy',
    'the room Boardroom 1 has no list',
    'a MAC 00:50:60:AB:cd:12 and 00-50-60-ab-cd-12',
    'addresses 10.0.3.11, 10.0.3.11:443 and 2001:db8::1 and [fe80::1]',
    'sip:anna@example.com, anna.b@example.com, https://rooms.example.com/feedback/secret',
    'another unit FTT1234ABCD by admin',
  ])('is without identities: %s', (text) => {
    const left = clean(text);
    for (const word of [
      'FOC',
      'FTT',
      'Boardroom',
      'admin',
      '50:60',
      '50-60',
      '10.0',
      'db8',
      'fe80',
      'anna',
      'secret',
    ])
      expect(left).not.toContain(word);
  });

  test.each(['roomd', 'Room', 'room', 'Desk', 'Board'])(
    'keeps the words of the vendor where something of the file is called %s',
    (name) => {
      const text = 'roomd-sim Room, Cisco Desk Pro and Boardroom; a RoomOS bedroom';
      const left = redactor([name], { keep: ['roomd-sim Room', 'Cisco Desk Pro'] })(
        `${text}; it is ${name}.`,
      );
      expect(left).toBe(`${text}; it is [removed].`);
    },
  );

  test('keeps versions and codes', () => {
    expect(clean('ce26.4.1.0.5100d000001, error -32602: No match on Path argument')).toBe(
      'ce26.4.1.0.5100d000001, error -32602: No match on Path argument',
    );
  });
});
