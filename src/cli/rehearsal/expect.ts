import type { RunRecord } from '../../macros/run-store.ts';
import type { InProcessDevice } from './in-process-device.ts';
import type { Told } from './rehearsal.ts';
import type { Then } from './test-file.ts';

/** How things are when a test looks. */
export interface Seen {
  readonly runs: readonly RunRecord[];
  readonly told: readonly Told[];
  readonly device: (name: string) => InProcessDevice | null;
}

export interface Miss {
  /** Within `then`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is not as the test says, each with what is there instead; empty where all is so. */
export function missed({ runs, messages, devices }: Then, seen: Seen): Miss[] {
  return [
    ...runs.flatMap((wanted, at) => missedRuns(wanted, seen, ['runs', at])),
    ...messages.flatMap((wanted, at) => missedMessages(wanted, seen, ['messages', at])),
    ...Object.entries(devices).flatMap(([name, wanted]) => missedDevice(name, wanted, seen)),
  ];
}

function missedRuns(wanted: Then['runs'][number], { runs }: Seen, path: Miss['path']): Miss[] {
  const { macro, device, state, reason, did, count } = wanted;
  const found = runs.filter(
    (run) =>
      run.macro === macro &&
      (device === undefined || run.device === device) &&
      (state === undefined || run.state === state) &&
      (reason === undefined || run.reason?.includes(reason) === true) &&
      (did === undefined || run.steps.some(({ result }) => result?.includes(did) === true)),
  );
  if (isCount(found.length, count)) return [];
  const others = runs.filter((run) => run.macro === macro);
  return [
    {
      path,
      message: `${counted(count, 'run')} like this, there are ${found.length}. ${macro} ran: ${runsText(others)}`,
    },
  ];
}

function runsText(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return 'never';
  return runs
    .slice(-5)
    .map(({ device, state, reason, dueAt, steps }) => {
      const last = steps.at(-1)?.result ?? null;
      const why = [reason, last].filter((one) => one !== null).join('; ');
      return `${new Date(dueAt).toISOString().slice(0, 16)}Z ${device ?? 'for the fleet'} ${state}${why === '' ? '' : ` (${why})`}`;
    })
    .join(' | ');
}

function missedMessages(wanted: Then['messages'][number], { told }: Seen, path: Miss['path']): Miss[] {
  const { to, contains, count } = wanted;
  const found = told.filter(
    (message) =>
      (to === undefined || message.to === to) && (contains === undefined || message.text.includes(contains)),
  );
  if (isCount(found.length, count)) return [];
  const all = told.slice(-5).map((message) => `to ${message.to}: ${JSON.stringify(message.text)}`);
  return [
    {
      path,
      message: `${counted(count, 'message')} like this, there are ${found.length}. Sent were: ${all.length === 0 ? 'none' : all.join(' | ')}`,
    },
  ];
}

function isCount(found: number, wanted: number | undefined): boolean {
  return wanted === undefined ? found > 0 : found === wanted;
}

function counted(count: number | undefined, what: string): string {
  return count === undefined
    ? `at least one ${what} was expected`
    : `${count} ${what}${count === 1 ? '' : 's'} were expected`;
}

function missedDevice(name: string, wanted: Then['devices'][string], seen: Seen): Miss[] {
  const device = seen.device(name);
  if (device === null) return [{ path: ['devices', name], message: 'the fleet has no such device' }];
  const { state } = device;
  const facts: Record<string, unknown> = {
    calls: state.calls.list().map(({ number }) => number),
    called: state.calls.history.map(({ number }) => number).toReversed(),
    bookings: state.bookings.list().length,
    standby: state.status('Standby.State') === 'Standby',
    volume: state.status('Audio.Volume'),
    microphonesMuted: state.status('Audio.Microphones.Mute') === 'On',
  };
  const { screen, settings = {}, status = {}, ...simple } = wanted;
  return [
    ...(screen === undefined ? [] : missedScreen(device, screen, ['devices', name, 'screen'])),
    ...Object.entries(simple).flatMap(([key, value]) => same(['devices', name, key], value, facts[key])),
    ...Object.entries(settings).flatMap(([path, value]) =>
      same(['devices', name, 'settings', path], value, state.configuration(path)),
    ),
    ...Object.entries(status).flatMap(([path, value]) =>
      same(['devices', name, 'status', path], value, String(state.status(path) ?? '')),
    ),
  ];
}

function same(path: Miss['path'], wanted: unknown, found: unknown): Miss[] {
  if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(found)) return [];
  return [{ path, message: `expected ${JSON.stringify(wanted)}, it is ${JSON.stringify(found ?? null)}` }];
}

const NOTHING = 'nothing';

function missedScreen(device: InProcessDevice, wanted: string, path: Miss['path']): Miss[] {
  const shown = device.state.screen
    .now()
    .map(({ title, text, options }) =>
      [title, text, ...options.map((option) => option.text)].filter((part) => part !== '').join(' / '),
    );
  const isSo = wanted === NOTHING ? shown.length === 0 : shown.some((text) => text.includes(wanted));
  if (isSo) return [];
  const expected =
    wanted === NOTHING ? 'nothing was to be shown' : `${JSON.stringify(wanted)} was to be shown`;
  return [
    {
      path,
      message: `${expected}, the screen shows ${shown.length === 0 ? 'nothing' : JSON.stringify(shown)}`,
    },
  ];
}
