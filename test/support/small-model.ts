import type {
  CommandSpec,
  EventSpec,
  ParamSpec,
  PatternSegment,
  SettingSpec,
  StatusSpec,
  ValueSpace,
} from '../../src/schema/product-schema.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';

const ON_OFF: ValueSpace = { type: 'Literal', values: ['Off', 'On'] };
const YES_NO: ValueSpace = { type: 'Literal', values: ['Yes', 'No', 'Unknown'] };

/** A device with a few settings of each sort and the commands that the simulator gives an effect, for tests that must be fast. */
export const smallModel: DeviceModel = makeSmallModel('ce26.4.1.0a1b2c3');

/** The same device on another software version, which decides the lock-out after bad logins. */
export function makeSmallModel(software: string): DeviceModel {
  const is26 = software.startsWith('ce26.');
  return {
    kind: 'room',
    productId: 'Cisco Codec Pro',
    software,
    schema: {
      product: 'small',
      software: software.slice(2),
      settings: smallSettings(is26),
      statuses: smallStatuses(),
      commands: smallCommands(),
      events: smallEvents(),
    },
  };
}

function smallSettings(is26: boolean): SettingSpec[] {
  return [
    setting('Audio.DefaultVolume', integer(0, 100), '50'),
    setting('Audio.Input.Microphone[1..3].Level', integer(0, 24), '14'),
    setting('Audio.Input.Microphone[1..3].Mode', ON_OFF, 'On'),
    setting('Audio.Microphones.Mute.Enabled', literal('True', 'InCallOnly'), 'True'),
    setting('HttpFeedback.TlsVerify', ON_OFF, 'On'),
    setting('HttpFeedback.UseHttpProxy', ON_OFF, 'On'),
    setting('Macros.Mode', ON_OFF, 'Off'),
    setting('NetworkServices.HTTP.Mode', literal('Off', 'HTTP+HTTPS', 'HTTPS'), 'HTTPS'),
    setting('NetworkServices.Websocket', literal('FollowHTTPService', 'Off'), 'FollowHTTPService'),
    setting('RoomAnalytics.PeopleCountOutOfCall', ON_OFF, 'Off'),
    setting('RoomAnalytics.PeoplePresenceDetector', ON_OFF, 'On'),
    setting('Security.Session.InactivityTimeout', integer(0, 10_000), '0'),
    setting('Security.Session.MaxFailedLogins', integer(0, 10), is26 ? '5' : '0'),
    setting('Security.Session.MaxSessionsPerUser', integer(1, 20), '20'),
    setting('Security.Session.MaxTotalSessions', integer(1, 30), '30'),
    setting('SIP.Authentication.Password', string(0, 128), '', { hidden: true }),
    setting('SIP.DisplayName', string(0, 550), ''),
    setting('Standby.Control', ON_OFF, 'On'),
    setting('Standby.Delay', integer(1, 480), '10'),
    setting('Standby.WakeupOnMotionDetection', ON_OFF, 'On'),
    setting('SystemUnit.Name', string(0, 50), ''),
    setting('Time.Zone', literal('Etc/UTC', 'Europe/Oslo', 'America/New_York'), 'Etc/UTC'),
    setting('UserInterface.ContactInfo.Type', literal('Auto', 'None', 'DisplayName'), 'Auto'),
    setting('UserInterface.CustomMessage', string(0, 12), ''),
    setting('UserManagement.PasswordPolicy.Complexity.MinimumLength', integer(0, 256), '8'),
    {
      ...setting(
        'Video.Output.Connector[1..2].Resolution',
        literal('Auto', '1920_1080_60', '3840_2160_60'),
        'Auto',
      ),
      defaults: { all: 'Auto', byIndex: { '2': '1920_1080_60' } },
    },
  ];
}

function smallStatuses(): StatusSpec[] {
  return [
    status('Audio.Microphones.Mute', ON_OFF),
    status('Audio.Volume', integer(0, 100)),
    status('Bookings.Availability.Status', literal('Free', 'FreeUntil', 'BookedUntil')),
    status('Bookings.Availability.TimeStamp', string(0, null)),
    status('Bookings.Current.Id', string(0, null)),
    status('Call[n].Status', null),
    status('Call[n].DisplayName', string(0, null)),
    status('Conference.Presentation.Mode', literal('Off', 'Receiving', 'Sending')),
    status('HttpFeedback[n].Status', literal('OK', 'Failed')),
    status('RoomAnalytics.AmbientTemperature', string(0, null)),
    status('RoomAnalytics.PeopleCount.Current', { type: 'Integer', min: null, max: null, step: null }),
    status('RoomAnalytics.PeoplePresence', YES_NO),
    status('RoomAnalytics.RoomInUse', literal('True', 'False')),
    status('Standby.State', literal('Standby', 'EnteringStandby', 'Halfwake', 'Off')),
    status('SystemUnit.BroadcastName', string(0, null)),
    status('SystemUnit.Hardware.Module.SerialNumber', string(0, null)),
    status('SystemUnit.ProductId', string(0, null)),
    status('SystemUnit.Software.Version', string(0, null)),
    status('SystemUnit.State.NumberOfActiveCalls', integer(0, 5)),
    status('SystemUnit.State.System', literal('InCall', 'Initialized', 'Initializing')),
    status('SystemUnit.Uptime', integer(0, 2_147_483_647)),
    status('Video.Input.MainVideoMute', ON_OFF),
  ];
}

function smallCommands(): CommandSpec[] {
  const slot = required('FeedbackSlot', integer(1, 4));
  const name = required('Name', string(0, 250));
  const message = [required('Text', string(0, 255)), optional('Title', string(0, 255), '')];
  const duration = optional('Duration', integer(0, 3_600), '0');
  const call = optional('CallId', integer(0, 65_534), '0');
  const image = required('Type', literal('Background', 'Branding', 'HalfwakeBackground'));
  return [
    command('Audio.Microphones.Mute'),
    command('Audio.Microphones.Unmute'),
    command('Audio.Volume.Set', [required('Level', integer(0, 100))]),
    command('Bookings.List', [
      optional('Days', integer(1, 365)),
      optional('DayOffset', integer(0, 365), '0'),
      optional('Limit', integer(1, 65_534)),
      optional('Offset', integer(0, 65_534), '0'),
      optional('ScheduleType', literal('Current', 'Upcoming')),
    ]),
    multiline('Bookings.Put'),
    command('Bookings.Respond', [
      required('MeetingId', string(1, 128)),
      required('Type', literal('Accept', 'Decline')),
      optional('Comment', string(1, 2_048)),
    ]),
    command('Call.Accept', [call]),
    command('Call.Disconnect', [call]),
    command('CallHistory.Get', [
      optional('Filter', literal('All', 'Missed', 'Placed', 'Received'), 'All'),
      optional('Limit', integer(0, 65_534), '65534'),
      optional('Offset', integer(0, 65_534), '0'),
    ]),
    command('Cameras.AutoFocus.Diagnostics.Start'),
    command('Dial', [
      required('Number', string(0, 255)),
      optional('Protocol', literal('H323', 'Sip', 'Spark')),
      optional('CallType', literal('Auto', 'Audio', 'Video')),
      optional('DisplayName', string(0, 255), ''),
    ]),
    command('HttpFeedback.Deregister', [slot]),
    command('HttpFeedback.Enable', [slot]),
    command('HttpFeedback.Register', [
      slot,
      required('ServerUrl', string(1, 2_048)),
      optional('Format', literal('XML', 'JSON'), 'XML'),
      { ...optional('Expression', string(1, 255)), repeat: 15 },
    ]),
    command('Macros.Macro.Activate', [name]),
    command('Macros.Macro.Deactivate', [name]),
    command('Macros.Macro.Get', [
      optional('Name', string(0, 250)),
      optional('Content', literal('False', 'True'), 'False'),
    ]),
    command('Macros.Macro.Remove', [name]),
    multiline('Macros.Macro.Save', [name, optional('Overwrite', literal('False', 'True'), 'True')]),
    command('Macros.Runtime.Restart'),
    command('Macros.Runtime.Status'),
    command('Message.Send', [required('Text', string(0, 8_192))]),
    multiline('Security.Certificates.CA.Add'),
    command('Security.Certificates.CA.Delete', [required('Fingerprint', string(1, 255))]),
    command('Security.Certificates.CA.Show', [optional('Format', literal('PEM', 'Text'), 'Text')]),
    command('Security.Session.List'),
    command('Security.Session.Terminate', [required('SessionId', string(0, 32))]),
    command('Standby.Activate'),
    command('Standby.Deactivate'),
    command('Standby.Halfwake'),
    command('Standby.ResetTimer', [optional('Delay', integer(1, 480))]),
    command('SystemUnit.Boot', [
      optional('Action', literal('Restart', 'Shutdown'), 'Restart'),
      optional('Force', literal('False', 'True'), 'True'),
    ]),
    multiline('SystemUnit.SignInBanner.Set'),
    command('UserInterface.Branding.Delete', [image]),
    command('UserInterface.Branding.Get', [image]),
    multiline('UserInterface.Branding.Upload', [image, optional('CustomId', string(0, 255), '')]),
    command('UserInterface.Extensions.Export'),
    command('UserInterface.Extensions.List', [optional('ActivityType', literal('Custom', 'WebApp'))]),
    command('UserInterface.Extensions.Panel.Remove', [required('PanelId', string(0, 255))]),
    multiline('UserInterface.Extensions.Panel.Save', [required('PanelId', string(1, 255))]),
    command('UserInterface.Message.Alert.Clear'),
    command('UserInterface.Message.Alert.Display', [...message, duration]),
    command('UserInterface.Message.Prompt.Clear', [optional('FeedbackId', string(0, 255), '')]),
    command('UserInterface.Message.Prompt.Display', [
      ...message,
      duration,
      optional('FeedbackId', string(0, 255)),
      ...[1, 2, 3, 4, 5].map((id) => optional(`Option.${id}`, string(0, 255))),
    ]),
    command('UserInterface.Message.TextLine.Clear'),
    command('UserInterface.Message.TextLine.Display', [required('Text', string(0, 140)), duration]),
    command('UserManagement.User.Get', [optional('Username', string(0, 127))]),
    command('UserManagement.User.Passphrase.Change', [
      required('NewPassphrase', string(0, 255)),
      required('OldPassphrase', string(0, 255)),
    ]),
    command('UserManagement.User.Passphrase.Set', [
      required('NewPassphrase', string(0, 255)),
      required('Username', string(0, 127)),
      optional('YourPassphrase', string(0, 255)),
    ]),
    command('Video.Input.MainVideo.Mute'),
    command('Video.Input.MainVideo.Unmute'),
    command('Webex.Join', [required('Number', string(0, 255)), optional('DisplayName', string(0, 255), '')]),
  ];
}

function smallEvents(): EventSpec[] {
  return [
    'BootEvent',
    'Bookings.End',
    'Bookings.Start',
    'Bookings.Updated',
    'CallDisconnect',
    'CallSuccessful',
    'IncomingCallIndication',
    'OutgoingCallIndication',
    'UserInterface.Extensions.Panel.Clicked',
    'UserInterface.Message.Prompt.Response',
  ].map((path) => ({ path: path.split('.') }));
}

function setting(
  path: string,
  valueSpace: ValueSpace,
  standard: string,
  { hidden = false } = {},
): SettingSpec {
  return {
    path: pattern(path),
    valueSpace,
    defaults: { all: standard, byIndex: {} },
    roles: ['Admin'],
    hidden,
  };
}

function status(path: string, valueSpace: ValueSpace | null): StatusSpec {
  return { path: pattern(path), valueSpace };
}

function command(path: string, params: ParamSpec[] = []): CommandSpec {
  return { path: path.split('.'), params, multiline: false, roles: ['Admin'] };
}

function multiline(path: string, params: ParamSpec[] = []): CommandSpec {
  return { ...command(path, params), multiline: true };
}

function required(name: string, valueSpace: ValueSpace): ParamSpec {
  return { name, required: true, valueSpace, default: null, repeat: null };
}

function optional(name: string, valueSpace: ValueSpace, standard: string | null = null): ParamSpec {
  return { name, required: false, valueSpace, default: standard, repeat: null };
}

function integer(min: number, max: number): ValueSpace {
  return { type: 'Integer', min, max, step: 1 };
}

function string(minLength: number, maxLength: number | null): ValueSpace {
  return { type: 'String', minLength, maxLength };
}

function literal(...values: string[]): ValueSpace {
  return { type: 'Literal', values };
}

/** Reads `Call[n].Status`, `Microphone[1..3].Level`. */
function pattern(path: string): PatternSegment[] {
  return path.split(/\.(?!\.)(?<!\.\.)/).map((word) => {
    const match = /^(\w+)(?:\[(?:n|(\d+)\.\.(\d+))\])?$/.exec(word);
    if (match?.[1] === undefined) throw new Error(`"${word}" is no pattern`);
    if (!word.includes('[')) return { name: match[1], index: null };
    const [first, last] = [match[2], match[3]].map((digits) =>
      digits === undefined ? null : Number(digits),
    );
    return { name: match[1], index: { first: first ?? null, last: last ?? null } };
  });
}
