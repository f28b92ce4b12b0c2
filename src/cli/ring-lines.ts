import { tally } from './terminal.ts';

interface ShownRing<Device> {
  readonly name: string;
  readonly begun: boolean;
  /** When the first of its devices was acted on. */
  readonly begunAt: string | null;
  readonly devices: readonly Device[];
}

interface ShownDevice {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly nextLookAt: string | null;
  readonly soaksUntil?: string | null;
}

/** With so many devices each has its line; with more only those that have something to say, unless all are asked for. */
const MOST_LINES = 40;

/** One line a ring with how many devices are in which state, and one a device. */
export function ringLines<Device extends ShownDevice>(
  rings: readonly ShownRing<Device>[],
  { all = false, line = deviceLine }: { all?: boolean; line?: (device: Device) => string } = {},
): string[] {
  const isWhole = all || rings.reduce((sum, { devices }) => sum + devices.length, 0) <= MOST_LINES;
  const shown = isWhole ? rings : rings.map(withTold);
  const lines = rings.flatMap((ring, at) => [
    ringHead(ring),
    ...(shown[at]?.devices ?? []).map((device) => `  ${line(device)}`),
  ]);
  return isWhole ? lines : [...lines, 'Devices that have nothing to say are only counted; --all names them.'];
}

/** `canary, since 2026-03-01T08:00:00Z: 1 soaking` */
function ringHead({ name, begun, begunAt, devices }: ShownRing<ShownDevice>): string {
  const since = begunAt === null ? '' : `, since ${begunAt}`;
  return `${name}${begun ? since : ', not begun'}: ${tally(devices.map(({ state }) => state))}`;
}

function withTold<Device extends ShownDevice>(ring: ShownRing<Device>): ShownRing<Device> {
  return { ...ring, devices: ring.devices.filter(({ reason }) => reason !== null) };
}

function deviceLine({ name, state, reason, soaksUntil = null, nextLookAt }: ShownDevice): string {
  const until = soaksUntil === null ? '' : ` until ${soaksUntil}`;
  const head = `${name} ${state}${until}`;
  const next =
    nextLookAt === null ? null : `looked at ${reason === null ? 'next' : 'again'} at ${nextLookAt}`;
  if (reason === null) return next === null ? head : `${head}, ${next}`;
  return `${head}: ${[reason, next].filter((part) => part !== null).join('; ')}`;
}
