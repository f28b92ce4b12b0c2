import type { Calls, SimulatedCall } from '../calls.ts';
import type { DeviceCore } from '../device-core.ts';
import type { MediaMutes } from '../media-mutes.ts';
import type { Standby } from '../standby.ts';
import {
  type Arguments,
  answer,
  type CommandCall,
  type CommandOutcome,
  type CommandTable,
  done,
  failed,
} from './command.ts';

interface CallParts {
  readonly core: DeviceCore;
  readonly calls: Calls;
  readonly mutes: MediaMutes;
  readonly standby: Standby;
}

/** Dial, Call, Webex Join, the mutes and the call history. */
export function callCommands(parts: CallParts): CommandTable {
  const { calls, standby } = parts;

  const start = ({ args }: CommandCall, protocol: string): CommandOutcome => {
    standby.deactivate();
    const call = calls.dial({
      number: args.text('Number'),
      displayName: args.text('DisplayName'),
      protocol,
      callType: args.text('CallType', 'Video'),
    });
    return answer({ CallId: call.id, ConferenceId: call.id + 1 });
  };

  const withCall = ({ args }: CommandCall, act: (call: SimulatedCall) => CommandOutcome): CommandOutcome => {
    const call = calls.find(args.number('CallId', 0));
    return call === null ? failed('Call not found') : act(call);
  };

  return {
    Dial: (call) => start(call, call.args.text('Protocol', 'SIP').toUpperCase().replace('SPARK', 'Spark')),
    'Webex/Join': (call) => start(call, 'Spark'),
    'Call/Disconnect': (call) =>
      withCall(call, (found) => {
        calls.disconnect(found, 'here');
        return done;
      }),
    'Call/Accept': (call) =>
      withCall(call, (found) => {
        standby.deactivate();
        return calls.accept(found) ? done : failed('No incoming call');
      }),
    'Call/Reject': (call) =>
      withCall(call, (found) => {
        if (found.status !== 'Ringing') return failed('No incoming call');
        calls.disconnect(found, 'here');
        return done;
      }),
    'CallHistory/Get': ({ args }) => history(calls, args),
    ...muteCommands(parts),
  };
}

function muteCommands({ core, calls, mutes }: CallParts): CommandTable {
  const muteMicrophones = (mute: boolean): CommandOutcome => {
    const rule = core.configuration.get('Audio.Microphones.Mute.Enabled');
    if (mute && rule === 'InCallOnly' && calls.list().length === 0)
      return failed('Mute is only available in a call');
    mutes.muteMicrophones(mute);
    return done;
  };

  const muteVideo = (mute: boolean): CommandOutcome => {
    mutes.muteVideo(mute);
    return done;
  };

  const muteLoudspeakers = (mute: boolean): CommandOutcome => {
    core.setOfferedStatus('Audio.VolumeMute', mute ? 'On' : 'Off');
    return done;
  };

  return {
    'Audio/Volume/Mute': () => muteLoudspeakers(true),
    'Audio/Volume/Unmute': () => muteLoudspeakers(false),
    'Audio/Microphones/Mute': () => muteMicrophones(true),
    'Audio/Microphones/Unmute': () => muteMicrophones(false),
    'Audio/Microphones/ToggleMute': () => muteMicrophones(core.status.get('Audio.Microphones.Mute') !== 'On'),
    'Video/Input/MainVideo/Mute': () => muteVideo(true),
    'Video/Input/MainVideo/Unmute': () => muteVideo(false),
    'Audio/Volume/Set': ({ args }) => {
      core.setStatus('Audio.Volume', args.number('Level', 50));
      return done;
    },
  };
}

function history(calls: Calls, args: Arguments): CommandOutcome {
  const offset = args.number('Offset', 0);
  const filter = args.text('Filter', 'All');
  const rows = calls.history.filter(({ occurrence }) => filter === 'All' || occurrence === filter);
  const page = rows.slice(offset, offset + args.number('Limit', 65_534));
  return answer({
    Entry: page.map((row, at) => ({
      CallHistoryId: row.id,
      CallbackNumber: row.number,
      Direction: row.direction,
      DisplayName: row.displayName,
      Duration: row.durationSeconds,
      EndTimeUTC: row.endTime,
      OccurrenceType: row.occurrence,
      RemoteNumber: row.number,
      StartTimeUTC: row.startTime,
      id: offset + at,
    })),
    ResultInfo: { Limit: args.number('Limit', 65_534), Offset: offset },
  });
}
