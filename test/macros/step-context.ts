import { InProcessDevice } from '../../src/cli/rehearsal/in-process-device.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import type { MacroState, StepPorts } from '../../src/macros/ports.ts';
import type { Step, StepContext, StepResult } from '../../src/macros/step.ts';
import { type TemplateFacts, templateValues } from '../../src/macros/template.ts';
import { triggerFacts } from '../../src/macros/trigger.ts';
import type { Turn } from '../../src/macros/turn.ts';
import type { SimulatorSettings } from '../../src/simulator/settings.ts';
import { sampleDevice, sampleFleet } from './sample-fleet.ts';

/** A room in use of which everything is known. */
export const IN_USE: MacroState = {
  presence: 'yes',
  peopleCount: 2,
  inCall: false,
  callStatus: 'none',
  standby: 'off',
  sharing: false,
  sensors: {},
};

const nowhere = () => Promise.reject(new Error('there are no spaces'));
const noSpaces = { create: nowhere, invite: nowhere, post: nowhere, archive: nowhere, remove: nowhere };

/** What macros may ask, with nothing out of the ordinary; messages and lines of the log end in `sent`. */
export function samplePorts(sent: string[], changes: Partial<StepPorts> = {}): StepPorts {
  return {
    device: () => null,
    state: () => IN_USE,
    mode: () => 'enforce',
    mayAct: () => ({ ok: true }),
    enqueue: (notifier, { markdown }) => {
      sent.push(`${notifier}: ${markdown}`);
      return Promise.resolve('message-1');
    },
    ask: () => Promise.reject(new Error('nobody is there to ask')),
    spaces: noSpaces,
    occupancy: () => Promise.resolve({ state: 'free', reason: '' }),
    records: () => Promise.resolve({ booking: null, capacity: null }),
    fleet: () =>
      Promise.resolve({
        devices: 1,
        up: 1,
        unreachable: 0,
        unreachableNames: '',
        inCall: 0,
        occupied: 1,
        openAlerts: 0,
      }),
    meetings: { schedule: () => Promise.reject(new Error('no meetings here')) },
    finesse: { teamReady: () => Promise.reject(new Error('no Finesse here')) },
    settings: {
      lend: () => Promise.reject(new Error('no settings are kept here')),
      endOfRun: () => Promise.resolve(),
    },
    runMacro: () => Promise.reject(new Error('no macros are run here')),
    log: ({ macro, device, text }) => {
      sent.push(`log ${macro} ${device}: ${text}`);
    },
    ...changes,
  };
}

export function sampleFacts(changes: Partial<TemplateFacts> = {}): TemplateFacts {
  return {
    device: sampleDevice('boardroom-1'),
    macro: 'chore',
    wall: Date.UTC(2026, 10, 23, 8, 55),
    trigger: triggerFacts('hand'),
    outputs: new Map(),
    fleet: null,
    ...changes,
  };
}

/** The turn of a run on one device. */
export function ownTurn(name: string): Turn {
  return { keys: new Set([name]), outer: null, giveBack: () => undefined };
}

/** One device and everything that a step on it is given. */
export function stepRoom(
  settings: Partial<SimulatorSettings> = {},
  timing: StepContext['timing'] = { pollMs: 50, settleMs: 1_000 },
) {
  const clock = new ManualClock(Date.parse('2026-11-23T07:55:00Z'));
  const device = new InProcessDevice({ name: 'boardroom-1', settings }, { clock });
  const cancel = new AbortController();
  const sent: string[] = [];
  const context: StepContext = {
    runId: 'run-1',
    turn: ownTurn('boardroom-1'),
    macro: 'chore',
    deviceName: 'boardroom-1',
    device,
    desired: sampleDevice('boardroom-1'),
    fleet: sampleFleet(),
    values: templateValues(sampleFacts()),
    signal: cancel.signal,
    clock,
    timing,
    ownCalls: [],
    assertMayAct: () => undefined,
    onDevice: (_desired, work) => work(context),
    ports: samplePorts(sent),
  };
  return { clock, device, cancel, sent, context };
}

export type StepRoom = ReturnType<typeof stepRoom>;

/** Runs a step with arguments as they stand in the file while time goes on; what it came to, or its error. */
export async function runStep<Args>(
  step: Step<Args>,
  args: unknown,
  here: StepRoom,
  {
    changes = {},
    meanwhile = () => undefined,
  }: { changes?: Partial<StepContext>; meanwhile?: () => unknown } = {},
): Promise<StepResult | Error> {
  const ended: { outcome: StepResult | Error | null } = { outcome: null };
  step.run({ ...here.context, ...changes }, step.schema.parse(args)).then(
    (result) => {
      ended.outcome = result;
    },
    (error: Error) => {
      ended.outcome = error;
    },
  );
  for (let turn = 0; turn < 2_000 && ended.outcome === null; turn += 1) {
    await meanwhile();
    await here.clock.advance(100);
  }
  return ended.outcome ?? new Error('the step did not end');
}
