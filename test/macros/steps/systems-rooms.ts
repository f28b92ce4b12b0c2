import { onTestFinished } from 'vitest';
import { InProcessDevice } from '../../../src/cli/rehearsal/in-process-device.ts';
import { SystemDesk } from '../../../src/daemon/systems/desk.ts';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import type { SystemsSection } from '../../../src/fleet/systems/systems-section.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { type Step, type StepContext, StepError, type StepResult } from '../../../src/macros/step.ts';
import { templateValues } from '../../../src/macros/template.ts';
import type { MeetingsStandIn } from '../../../src/simulator/cloud/meetings.ts';
import { quick } from '../../../src/simulator/settings.ts';
import { sampleDevice, sampleFleet } from '../sample-fleet.ts';
import { ownTurn, sampleFacts, samplePorts } from '../step-context.ts';

const CONNECTION = { tls: { mode: 'insecure' }, proxy: null, timeoutMs: 2_000 } as const;

/** Webex Meetings as the stand-in serves them, by either API. */
export const MEETING_APIS: readonly [string, (standIn: MeetingsStandIn) => Partial<SystemsSection>][] = [
  [
    'REST',
    ({ restUrl }) => ({
      meetings: {
        ...CONNECTION,
        url: restUrl,
        api: { kind: 'rest', token: new Secret('ada-token'), hostEmail: null, siteUrl: null },
      },
    }),
  ],
  [
    'the XML interface',
    ({ xmlUrl }) => ({
      meetings: {
        ...CONNECTION,
        url: xmlUrl,
        api: {
          kind: 'xml',
          siteName: 'example',
          webexId: 'ada',
          login: { kind: 'password', secret: new Secret('right') },
        },
      },
    }),
  ],
];

/** Finesse at this address, as a supervisor or somebody else. */
export function finesseAt(
  url: string,
  login = { userId: '2050', password: 'super' },
): Partial<SystemsSection> {
  return {
    finesse: {
      ...CONNECTION,
      url,
      username: login.userId,
      login: { kind: 'password', secret: new Secret(login.password) },
    },
  };
}

const NO_WEBEX = {
  isNamed: false,
  token: () => Promise.reject(new Error('the file names no systems.webex')),
  check: () => Promise.reject(new Error('the file names no systems.webex')),
};

/**
 * Simulated rooms and everything that a step on the first of them is given,
 * with the clients that the daemon would make. Other systems answer over real
 * connections, so the time is real, and short.
 */
export function systemsRooms(
  names: readonly string[],
  { systems, allow = ['*'] }: { systems: Partial<SystemsSection>; allow?: readonly string[] },
) {
  const clock = systemClock();
  const devices = new Map(
    names.map((name, at) => [name, new InProcessDevice({ name, id: at + 1, settings: quick }, { clock })]),
  );
  const desired = names.map((name) => sampleDevice(name));
  const base = sampleFleet({ devices: desired });
  const fleet: Fleet = { ...base, calls: { allow }, systems: { ...base.systems, ...systems } };
  const desk = new SystemDesk(
    { fleet: () => fleet },
    { webex: NO_WEBEX, clock, random: seededRandom(1), newId: uuidv7(clock), logger: silentLogger },
  );
  onTestFinished(() => desk.close());
  const sent: string[] = [];
  const cancel = new AbortController();
  const contextOf = (name: string): StepContext => ({
    runId: 'run-1',
    turn: ownTurn(name),
    macro: 'chore',
    device: deviceOf(devices, name),
    desired: sampleDevice(name),
    deviceName: name,
    onDevice: (device, work) => work(contextOf(device.name)),
    fleet,
    values: templateValues(sampleFacts({ device: sampleDevice(name) })),
    signal: cancel.signal,
    clock,
    timing: { pollMs: 5, settleMs: 1_000 },
    ownCalls: [],
    assertMayAct: () => undefined,
    ports: {
      ...samplePorts(sent, {
        device: (wanted) => devices.get(wanted) ?? null,
        meetings: desk.meetings,
        finesse: desk.finesse,
      }),
      log: () => undefined,
    },
  });
  return { desk, sent, cancel, contextOf, device: (name: string) => deviceOf(devices, name), names };
}

type SystemsRooms = ReturnType<typeof systemsRooms>;

function deviceOf(devices: ReadonlyMap<string, InProcessDevice>, name: string): InProcessDevice {
  const device = devices.get(name);
  if (device === undefined) throw new Error(`there is no ${name}`);
  return device;
}

/** Runs a step on the first room with arguments as they stand in the file; what it came to, or its error. */
export function runOn<Args>(
  step: Step<Args>,
  args: object,
  { contextOf, names }: SystemsRooms,
): Promise<StepResult | Error> {
  const parsed = step.schema.parse(args);
  return step.run(contextOf(names[0] ?? ''), parsed).catch((error: Error) => error);
}

/** What a room holds: its calls and whether it is mute. */
export function held({ state }: InProcessDevice) {
  return {
    calls: state.calls.list().map(({ number, status }) => `${number} ${status}`),
    microphones: state.status('Audio.Microphones.Mute'),
    screen: state.screen.now().map(({ kind }) => kind),
  };
}

export const UNTOUCHED = { calls: [], microphones: 'Off', screen: [] };

export function failure(outcome: StepResult | Error): StepError {
  if (outcome instanceof StepError) return outcome;
  throw new Error(`expected a StepError, met ${JSON.stringify(outcome)}`);
}
