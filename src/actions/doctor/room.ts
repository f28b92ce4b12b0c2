import { check, ok, skipped, type Verdict, wrong } from './check.ts';

const MOST_OFF_MS = 60_000;

export const clockCheck = check({
  name: 'clock',
  needs: ['unit'],
  async look({ device, now }, options) {
    const before = now();
    const status = await device.readStatus('Time.SystemTime', options);
    const document = await device.readConfiguration(options);
    const text = status.get('Time.SystemTime') ?? null;
    return { text, at: (before + now()) / 2, zone: document.find('Time.Zone')?.value ?? null };
  },
  judge({ text, at, zone }, { desired: { timezone } }) {
    const told = text === null ? Number.NaN : Date.parse(text);
    if (Number.isNaN(told)) return skipped('the device does not tell its time in a form that can be read');
    const offMs = told - at;
    if (Math.abs(offMs) > MOST_OFF_MS && !isLocalTime(text ?? ''))
      return wrong(
        `its clock is ${spanText(offMs)} ${offMs > 0 ? 'ahead of' : 'behind'} this machine's`,
        'give the device an NTP server that it reaches (NetworkServices.NTP.Mode, NetworkServices.NTP.Server[1].Address); see that this machine is right',
      );
    const zoneAdvice =
      zone === null || zone === timezone
        ? null
        : `the device's zone is ${zone} and the file says timezone: ${timezone}, by which macros run: write Time.Zone: ${timezone}`;
    return ok(
      `its clock is right to ${Math.ceil(Math.abs(offMs) / 1_000)} s, zone ${zone ?? 'not told'}`,
      zoneAdvice,
    );
  },
  failed: (error) => skipped(`the device does not tell its time: ${error.message}`),
});

/** Without an offset it is the room's own time, of which nobody can say how far off it is. */
function isLocalTime(text: string): boolean {
  return !/(?:z|[+-]\d\d:?\d\d)$/i.test(text);
}

function spanText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}

const DETECTOR = 'RoomAnalytics.PeoplePresenceDetector';
const COUNT = 'RoomAnalytics.PeopleCountOutOfCall';

export const detectorCheck = check({
  name: 'presence',
  needs: ['unit'],
  async look({ device }, options) {
    const document = await device.readConfiguration(options);
    const value = (path: string): string | null => document.find(path)?.value ?? null;
    return { detector: value(DETECTOR), count: value(COUNT) };
  },
  judge({ detector, count }, { desired: { configuration } }): Verdict {
    if (detector === null) return skipped('this product has no presence detector');
    if (detector === 'Off')
      return configuration.get(DETECTOR)?.value === 'Off'
        ? ok('the detector is off, as the file says: presence is unknown')
        : wrong('the detector is off, so presence is always unknown', `write ${DETECTOR}: On in the file`);
    if (count === 'Off' && configuration.get(COUNT)?.value !== 'Off')
      return ok(
        'the detector is on; people are counted in calls only',
        `write ${COUNT}: On to have them counted always`,
      );
    return ok(
      count === null
        ? 'the detector is on; this product does not count'
        : 'the detector is on, people are counted',
    );
  },
  failed: (error) => wrong(error.message, 'the settings could not be read; try again'),
});
