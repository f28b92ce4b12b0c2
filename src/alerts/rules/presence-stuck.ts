import { duration } from '../../fleet/duration.ts';
import { ZoneClock } from '../../lib/zone.ts';
import type { DeviceFacts } from '../facts.ts';
import { type DeviceFinding, defineRule, eachDevice, isHeard } from '../rule.ts';

const HOUR_MS = 3_600_000;
const REMEDY =
  'Look at what the camera sees (a picture of people, a reflection, a covered lens), restart the device, or turn the detector off and on.';

export const presenceStuck = defineRule({
  name: 'presence-stuck',
  summary: 'People Presence stays yes over a night in which nothing moved, or unknown although it is on.',
  severity: 'info',
  forMs: HOUR_MS,
  clearMs: 0,
  options: {
    after: duration('Presence is yes so long while nothing else in the room moved.').prefault('18h'),
  },
  look: ({ devices, now }, { options: { after } }) =>
    eachDevice(devices, (device) => (isHeard(device) ? stuck(device, now, after) : null)),
});

function stuck({ name, room, stillSince, detects, timezone }: DeviceFacts, now: number, afterMs: number) {
  if (!detects) return [];
  if (room === null) return null;
  if (room.presence === 'unknown')
    return [
      finding(name, 'The device says unknown all the time, although its presence detector is turned on.'),
    ];
  if (room.presence !== 'yes' || room.inCall === true || room.sharing === true) return [];
  // A session that begins anew moves what is in memory; the record knows better.
  const since = Math.min(room.since, stillSince ?? room.since);
  const isStill = now - since >= afterMs && holdsNight(since, now, timezone);
  if (!isStill) return stillSince === null ? null : [];
  const hours = Math.floor((now - since) / HOUR_MS);
  return [
    finding(
      name,
      `It says since ${hours} hours that somebody is there, over a night, while no call, no standby and no number of people changed.`,
    ),
  ];
}

function finding(name: string, detail: string): DeviceFinding {
  return {
    title: `The presence sensor of ${name} seems stuck`,
    cleared: `The presence sensor of ${name} moves again`,
    detail,
    remedy: REMEDY,
  };
}

/** Whether three o'clock in the morning lies between; a workshop of a day does not count. */
function holdsNight(from: number, to: number, timezone: string): boolean {
  const zone = new ZoneClock(timezone);
  for (let at = from; at <= to; at += HOUR_MS) {
    if (Math.floor(zone.wallAt(at) / HOUR_MS) % 24 === 3) return true;
  }
  return false;
}
