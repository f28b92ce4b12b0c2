import { type AlertList, listAlerts } from '../../actions/alerts.ts';
import { getDevice, listDevices } from '../../actions/devices.ts';
import { doctor } from '../../actions/doctor.ts';
import { freeRooms } from '../../actions/free-rooms.ts';
import { type ShownDevice } from '../../actions/shown-device.ts';
import { system } from '../../actions/system.ts';
import { formatWall, zoneClocks } from '../../lib/zone.ts';
import { type CommandOf, counted, listed, type Talk } from '../talk.ts';

const clockOf = zoneClocks();

export const status: CommandOf<'status'> = {
  role: 'viewer',
  usage: 'status [DEVICE]',
  about: 'how roomd and the rooms are, or one room',
  run: ({ device }, talk) => (device === null ? fleetStatus(talk) : deviceStatus(device, talk)),
};

export const offline: CommandOf<'offline'> = {
  role: 'viewer',
  usage: 'offline',
  about: 'devices that roomd does not reach, and why',
  async run(_command, { act }) {
    const devices = (await act(listDevices, { limit: 5_000 })).items;
    const lost = devices.filter(({ session, retired }) => retired === null && !isReached(session.word));
    if (lost.length === 0) return `All ${counted(devices.length, 'device')} are reached.`;
    const lines = lost.map(
      ({ name, session, timezone }) =>
        `**${name}**: ${session.word} since ${wallOf(session.since, timezone)}${session.reason === null ? '' : `, ${session.reason}`}`,
    );
    return `${counted(lost.length, 'device')} of ${devices.length} not reached:\n\n${listed(lines)}`;
  },
};

export const find: CommandOf<'find'> = {
  role: 'viewer',
  usage: 'find a free room [in SITE] [for N people]',
  about: 'rooms that are free now',
  async run({ site, people }, { act, fleet }) {
    const zones = new Map(fleet.devices.map(({ name, timezone }) => [name, timezone]));
    const { items, unsure } = await act(freeRooms, {
      devices: site === null ? null : `site="${site}"`,
      people,
    });
    const wanted = `${site === null ? '' : ` in ${site}`}${people === null ? '' : ` for ${people}`}`;
    const lines = items.map(({ name, capacity, until }) => {
      const seats = capacity === null ? '' : `, for ${capacity}`;
      const end = until === null ? '' : `, until ${wallOf(until, zones.get(name) ?? 'UTC').slice(11)}`;
      return `**${name}**${seats}${end}`;
    });
    const doubts = unsure.map(({ name, reason }) => `${name}: ${reason}`);
    return [
      lines.length === 0
        ? `No room${wanted} is surely free now.`
        : `Free now${wanted}:\n\n${listed(lines, 10)}`,
      ...(doubts.length === 0 ? [] : [`Perhaps free:\n\n${listed(doubts, 5)}`]),
    ].join('\n\n');
  },
};

export const why: CommandOf<'why'> = {
  role: 'viewer',
  usage: 'why DEVICE',
  about: 'what is wrong with a device and how to mend it',
  async run({ device }, { act }) {
    const [shown, alerts, { findings }] = await Promise.all([
      act(getDevice, { name: device }),
      act(listAlerts, { devices: device }),
      act(doctor, { name: device }),
    ]);
    const wrong = findings.filter(({ verdict }) => verdict === 'wrong');
    const { session, configuration, held } = shown;
    const lines = [
      ...(session.word === 'up' ? [] : [`session ${session.word}${because(session.reason)}`]),
      ...alertLines(alerts),
      ...wrong.map(
        ({ check, found, remedy }) => `${check}: ${found}${remedy === null ? '' : `. *${remedy}*`}`,
      ),
      ...(configuration.waiting === null ? [] : [`waiting: ${configuration.waiting}`]),
      ...(held === null ? [] : [held]),
    ];
    if (lines.length === 0)
      return `Nothing is wrong with **${device}**: ${counted(findings.length, 'check')} and no alert.`;
    return `**${device}**:\n\n${listed(lines)}`;
  },
};

async function fleetStatus({ act }: Talk): Promise<string> {
  const [about, { items: devices }, alerts] = await Promise.all([
    act(system, {}),
    act(listDevices, { limit: 5_000 }),
    act(listAlerts, {}),
  ]);
  const reached = devices.filter(({ session }) => isReached(session.word)).length;
  const inCall = devices.filter((device) => device.inCall === true).length;
  const occupied = devices.filter(({ presence }) => presence.state === 'yes').length;
  const lines = [
    `${reached} of ${counted(devices.length, 'device')} reached, ${inCall} in a call, ${occupied} with people`,
    ...(about.safeMode ? ['safe mode: the fleet file is broken, the last good one is in force'] : []),
    ...(about.pending === true ? ['the file has changes that nobody approved yet: say `plan`'] : []),
    ...about.holds.map(
      ({ devices: held, reason, actor }) => `held: ${held ?? 'everything'}, by ${actor}, ${reason}`,
    ),
    ...about.health.flatMap(({ part, reason }) => (reason === null ? [] : [`${part}: ${reason}`])),
    ...alertLines(alerts),
  ];
  return `roomd ${about.version}, mode ${about.mode}:\n\n${listed(lines)}`;
}

async function deviceStatus(name: string, { act }: Talk): Promise<string> {
  const [device, alerts] = await Promise.all([act(getDevice, { name }), act(listAlerts, { devices: name })]);
  const { session, presence, configuration, timezone, product, software, nextBooking } = device;
  const lines = [
    `session ${session.word} since ${wallOf(session.since, timezone)}${because(session.reason)}`,
    ...(product === null ? [] : [`${product}${software === null ? '' : `, ${software}`}`]),
    `people: ${presence.state}${presence.count === null ? '' : ` (${presence.count})`}; in a call: ${yesNo(device.inCall)}`,
    ...(nextBooking === null ? [] : [bookingLine(nextBooking, timezone)]),
    `settings: ${configuration.state}${because(configuration.reason)}`,
    ...(device.held === null ? [] : [device.held]),
    ...alertLines(alerts),
  ];
  return `**${name}**:\n\n${listed(lines)}`;
}

function bookingLine({ start, end }: NonNullable<ShownDevice['nextBooking']>, timezone: string): string {
  return `booked from ${wallOf(start, timezone)} to ${wallOf(end, timezone).slice(11)}`;
}

function alertLines({ items }: AlertList): string[] {
  return items.map(({ severity, title, state }) => `alert (${severity}, ${state}): ${title}`);
}

function isReached(word: ShownDevice['session']['word']): boolean {
  return word === 'up' || word === 'degraded';
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function yesNo(known: boolean | null): string {
  if (known === null) return 'unknown';
  return known ? 'yes' : 'no';
}

/** `2026-11-24 08:55` on the wall of a zone. */
function wallOf(rfc3339: string, timezone: string): string {
  return formatWall(clockOf(timezone).wallAt(Date.parse(rfc3339)));
}
