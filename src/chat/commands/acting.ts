import type { Caller } from '../../actions/action.ts';
import { apply } from '../../actions/apply.ts';
import { callFromDevice, muteDevice, releaseRoom } from '../../actions/by-hand.ts';
import { placeHold, releaseHold } from '../../actions/hold.ts';
import { runMacro, type ShownRun } from '../../actions/macros.ts';
import { plan as planAction } from '../../actions/plan.ts';
import type { ShownPlan } from '../../actions/present.ts';
import type { Deed } from '../deed.ts';
import { type CommandOf, counted, listed, type Talk } from '../talk.ts';

export const mute: CommandOf<'mute'> = {
  role: 'operator',
  usage: 'mute DEVICE',
  about: 'mute its microphones',
  run: async ({ device }, { act }) => toldOf(await act(muteDevice, { name: device })),
};

export const call: CommandOf<'call'> = {
  role: 'operator',
  usage: 'call DEVICE NUMBER',
  about: 'call, after a countdown on the screen, muted; numbers of calls.allow only',
  async run({ device, number }, { act, say }) {
    await say(`The countdown is on the screen of **${device}**; anybody there may cancel it.`);
    return toldOf(await act(callFromDevice, { name: device, number }));
  },
};

export const release: CommandOf<'release'> = {
  role: 'operator',
  usage: 'release DEVICE',
  about: 'free a room that is booked and surely empty',
  run: async ({ device }, { act }) => toldOf(await act(releaseRoom, { name: device })),
};

export const plan: CommandOf<'plan'> = {
  role: 'viewer',
  usage: 'plan [DEVICE]',
  about: 'what an apply would change; operators may apply it',
  async run({ device }, { act, say, agreed, caller }) {
    const {
      devices,
      summary,
      fingerprint,
      protected: untouched,
    } = await act(planAction, { devices: device });
    const lines = devices.filter(({ state }) => state !== 'in-sync').map(planLine);
    const leftOut =
      untouched.length === 0 ? '' : `\n\nLeft out because they are protected: ${untouched.join(', ')}.`;
    if (lines.length === 0) return `${counted(summary.inSync, 'device')} as the file says.${leftOut}`;
    const shown = `${summary.drift} of ${counted(summary.devices, 'device')} would change:\n\n${listed(lines)}${leftOut}`;
    if (caller.role === 'viewer' || summary.changes === 0) return shown;
    await say(shown);
    const text = `Write ${counted(summary.changes, 'change')} to ${device ?? 'the fleet'}?`;
    return await agreed(text, 'Apply', { kind: 'apply', device, fingerprint });
  },
};

export const run: CommandOf<'run'> = {
  role: 'operator',
  usage: 'run MACRO [on DEVICE]',
  about: 'run a macro now',
  run: ({ macro, device }, { agreed }) =>
    agreed(`Run ${macro}${device === null ? '' : ` on ${device}`}?`, 'Run', { kind: 'run', macro, device }),
};

export const hold: CommandOf<'hold'> = {
  role: 'operator',
  usage: 'hold [DEVICE] [because REASON]',
  about: 'stop every write and every macro at once',
  async run({ device, reason }, { act }) {
    const devices = device === null ? null : `name=${device}`;
    await act(placeHold, { devices, ...(reason === null ? {} : { reason }) });
    return `Held: machines write nothing to ${device ?? 'any device'} and run no macro there until somebody says \`release hold${device === null ? '' : ` ${device}`}\`.`;
  },
};

export const unhold: CommandOf<'release hold'> = {
  role: 'operator',
  usage: 'release hold [DEVICE]',
  about: 'end it',
  async run({ device }, { act }) {
    const { items } = await act(releaseHold, { devices: device === null ? null : `name=${device}` });
    if (items.length === 0)
      return `There is no hold over ${device ?? 'the whole fleet'}; \`status\` shows those in force.`;
    return `Released: ${items.map(({ actor, reason }) => `the hold by ${actor} (${reason})`).join(', ')}.`;
  },
};

/** Does what somebody agreed to, as that person; the answer. @throws ActionError */
export async function carryOutDeed(deed: Deed, { act }: Pick<Talk, 'act'>, by: Caller): Promise<string> {
  const { device } = deed;
  if (deed.kind === 'run') return toldOf(await act(runMacro, { macro: deed.macro, device }, by));
  const { summary: done } = await act(apply, { devices: device, fingerprint: deed.fingerprint }, by);
  return `Applied: ${done.accepted} accepted, ${done.waiting} waiting, ${done.refused} refused, ${done.notProven} not proven.`;
}

function planLine({ name, state, reason, changes }: ShownPlan): string {
  if (state !== 'drift') return `**${name}**: ${state}${reason === null ? '' : `, ${reason}`}`;
  const [first] = changes;
  const what = first === undefined ? '' : `: ${first.path} ${first.from ?? 'nothing'} → ${first.to}`;
  return `**${name}**: ${counted(changes.length, 'change')}${what}${changes.length > 1 ? ', …' : ''}`;
}

/** What a run came to; the steps that said something, and why it did not go on. */
function toldOf({ state, reason, steps, device }: ShownRun): string {
  const results = steps.flatMap(({ result }) => result ?? []);
  const about = device === null ? '' : `**${device}**: `;
  const head = state === 'would-run' ? 'nothing was done; it would ' : `${state}. `;
  const last = results.at(-1) === reason ? results.slice(0, -1) : results;
  return `${about}${head}${[...last, ...(reason === null ? [] : [reason])].join('; ')}`;
}
