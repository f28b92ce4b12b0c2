import {
  type Now,
  now,
  type RoomInTrouble,
  type RoomInUse,
  type ShownRoomAlert,
  type ShownStanding,
} from '../../actions/now.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { count, type Terminal, table } from '../terminal.ts';
import { withRecord } from '../verbs.ts';

interface NowOptions {
  readonly devices?: string;
  readonly soon?: string;
}

export const nowCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  program
    .command('now')
    .description('what is wrong, since when and what roomd does about it; and the rooms in use')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('--soon <minutes>', 'a booking within so many minutes counts as about to begin (20)')
    .addHelpText(
      'after',
      '\nFor the five minutes before the hour: rooms that are about to be used stand first.\nExit code 0, whatever is wrong; roomd doctor DEVICE looks into one.',
    )
    .action(
      handler<NowOptions>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const shown = await verbs.perform(now, {
            devices: options.devices ?? null,
            ...(options.soon === undefined ? {} : { soon: Number(options.soon) }),
          });
          if (options.json) terminal.out(JSON.stringify(shown, null, 2));
          else for (const line of nowLines(shown, verbs.isDaemon, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
};

/** The fleet at a glance, for people. */
export function nowLines(
  { asOf, counts, standing, wrong, fleetAlerts, inUse }: Now,
  isDaemon: boolean,
  terminal: Terminal,
) {
  const { style, columns } = terminal;
  return [
    ...(isDaemon ? [] : ['No daemon runs on this database: what follows is what is on record.']),
    ...standing.flatMap((what) => standingLines(what, terminal)),
    ...fleetAlerts.map((alert) => style('red', `${alert.about}: ${alertText(alert)}`)),
    ...wrong.flatMap((room) => roomLines(room, terminal)),
    ...(wrong.length === 0 && fleetAlerts.length === 0 && standing.every(isInfo)
      ? [style('green', 'Nothing is wrong.')]
      : []),
    '',
    ...(inUse.length === 0
      ? ['No room is known to be in use.']
      : table([['IN USE', 'PEOPLE', 'CALL', 'SINCE', 'BOOKED UNTIL'], ...inUse.map(useRow)], columns)),
    '',
    `${clock(asOf)} UTC: ${count(counts.devices, 'device')}, ${counts.wrong} with something wrong, ${counts.inUse} in use, ${counts.unknown} not known; ${count(counts.soon, 'booking')} now or soon, ${counts.soonInTrouble} of them where something is wrong.`,
  ];
}

const COLOUR = { critical: 'red', warning: 'yellow', info: 'cyan' } as const;

function standingLines({ severity, title, since, doing }: ShownStanding, { style }: Terminal): string[] {
  return [
    `${style(COLOUR[severity], title)}${since === null ? '' : `, since ${moment(since)}`}`,
    ...(doing === null ? [] : [style('dim', `  roomd ${doing}`)]),
  ];
}

function roomLines(
  { device, severity, troubles, alerts, booking }: RoomInTrouble,
  { style }: Terminal,
): string[] {
  const booked = booking === null ? '' : `, booked ${clock(booking.start)} to ${clock(booking.end)} UTC`;
  return [
    `${style(COLOUR[severity], device)}${booked}`,
    ...troubles.flatMap(({ title, since, doing, alert }) => [
      `  ${title}${since === null ? '' : `, since ${moment(since)}`}`,
      style('dim', `    roomd ${doing}${alert === null ? '' : `; alert ${alertState(alert)}`}`),
    ]),
    ...alerts.map((alert) => `  ${alertText(alert)}`),
  ];
}

function isInfo({ severity }: ShownStanding): boolean {
  return severity === 'info';
}

function alertText(alert: ShownRoomAlert): string {
  return `${alert.title}, since ${moment(alert.openedAt)}; ${alertState(alert)}: ${alert.remedy}`;
}

function alertState({ acknowledgedBy, silenced }: ShownRoomAlert): string {
  if (acknowledgedBy !== null) return `looked after by ${acknowledgedBy}`;
  return silenced === null ? 'open' : `open, nobody is told (${silenced})`;
}

function useRow({ device, presence, count: people, inCall, since, booking }: RoomInUse): string[] {
  return [
    device,
    people === null ? presence : String(people),
    inCall === null ? 'unknown' : inCall ? 'yes' : 'no',
    moment(since),
    booking === null ? '-' : clock(booking.end),
  ];
}

/** `08:55`, in UTC. */
function clock(at: string | null): string {
  return at?.slice(11, 16) ?? '-';
}

/** `2026-11-23 08:55Z`. */
function moment(at: string | null): string {
  return at === null ? '-' : `${at.slice(0, 16).replace('T', ' ')}Z`;
}
