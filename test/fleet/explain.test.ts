import { expect, test } from 'vitest';
import { explain, formatExplanation } from '../../src/fleet/explain.ts';
import { PathError } from '../../src/xapi/path.ts';
import { fleetText, loadText, PW } from './load-text.ts';

const FILE = fleetText({
  defaults: '  configuration: { Standby.Delay: 10, SIP.Authentication.Password: "${env:PW}" }',
  device:
    '    configuration: { Standby.Delay: 20, Video.Connector[10].Name: b, "Video.Connector[2].Name": a }',
}).replace('Video.Connector[10].Name', '"Video.Connector[10].Name"');

async function device() {
  const { fleet } = await loadText(FILE, { env: PW });
  const [first] = fleet?.devices ?? [];
  if (first === undefined) throw new Error('the file does not load');
  return first;
}

test('every setting has its winner and its losers with their places', async () => {
  const rows = explain(await device());
  expect(rows.map(({ path }) => path)).toEqual([
    'SIP.Authentication.Password',
    'Standby.Delay',
    'Video.Connector[2].Name',
    'Video.Connector[10].Name',
  ]);
  expect(rows[1]).toEqual({
    path: 'Standby.Delay',
    value: '20',
    winner: { layer: 'device', shown: '20', place: { file: '/etc/roomd/fleet.yaml', line: 9, column: 37 } },
    losers: [
      { layer: 'defaults', shown: '10', place: { file: '/etc/roomd/fleet.yaml', line: 5, column: 35 } },
    ],
    drift: 'correct',
    lock: null,
    override: null,
  });
});

test('a path narrows it, in any spelling, and a whole subtree is fine', async () => {
  const one = await device();
  expect(explain(one, 'standby delay').map(({ value }) => value)).toEqual(['20']);
  expect(explain(one, 'Video').map(({ value }) => value)).toEqual(['a', 'b']);
  expect(explain(one, 'Audio')).toEqual([]);
  expect(() => explain(one, '[')).toThrow(PathError);
});

test('as text, secrets stay secret', async () => {
  expect(formatExplanation(explain(await device()).slice(0, 2))).toBe(`SIP.Authentication.Password: [secret]
  set by defaults, /etc/roomd/fleet.yaml:5:68
Standby.Delay: 20
  set by device, /etc/roomd/fleet.yaml:9:37
  not 10, by defaults, /etc/roomd/fleet.yaml:5:35`);
});
