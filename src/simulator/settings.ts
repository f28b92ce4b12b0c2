/**
 * Behaviour of the simulated device that no capture or document settles (each
 * is marked [?] in docs/simulator.md), the device's own delays, and its limits.
 * Times are milliseconds.
 */
export interface SimulatorSettings {
  /** Status of a refused upgrade to /ws. */
  readonly socketRefusal: 401 | 403;
  /** Status of an upgrade while `NetworkServices Websocket` is Off. */
  readonly socketOffStatus: number;
  /** Whether websocket pings are answered with pongs. */
  readonly answersPings: boolean;
  /** Close code towards sockets that an orderly reboot ends; 1006 cuts them. */
  readonly rebootCloseCode: 1000 | 1001 | 1006;
  /** Subscriptions one socket may hold; one more gets -31998. */
  readonly maxSubscriptions: number;
  /** Sockets one device holds; one more gets 503. */
  readonly maxSockets: number;
  /** A socket counts as one of the sessions of `Security Session`. */
  readonly socketsCountAsSessions: boolean;
  /** Which changes of xConfiguration are reported to sockets and slots; `partial` leaves out those within lists (with an index). */
  readonly configurationFeedback: 'all' | 'partial';
  /** A ghost over wss: `"ghost":"True"` or `"ghost":true`. */
  readonly ghostForm: 'text' | 'boolean';
  /** Event objects carry `"id":1` at every level over wss. */
  readonly eventIdsOnSocket: boolean;
  /** xGet of a known node that is absent now. */
  readonly absentNode: 'error' | 'null';
  /** Text of the error for a refused value of xSet. */
  readonly setRefusalMessage: string;
  /** Literals such as "on" are taken for "On". */
  readonly literalsIgnoreCase: boolean;
  /** What a hidden setting answers. */
  readonly hiddenValue: '***' | '';
  /** An element without `item` where the schema has several. */
  readonly missingItem: 'refuse' | 'first';
  /** Inner shape of `<Error>`: children Reason and XPath, one Success for the rest; or the bare reason, one element per setting in order. */
  readonly settingErrorShape: 'children' | 'bare';
  /** Roles of the account; what the schema gives to other roles is refused. */
  readonly accountRoles: readonly string[];
  /** Whose putxml is heard at all: an administrator's, or that of whoever may do what the document asks for. */
  readonly putxmlTakes: 'admin' | 'any-role';
  /** How `UserManagement User Get` tells roles: one node each, or one text. */
  readonly rolesShape: 'items' | 'text';
  /** What an unknown argument of a command gets over HTTPS. */
  readonly unknownArgument: 'parameter-error' | 'empty-command';
  /** What a request without valid login gets over HTTPS. */
  readonly notLoggedIn: 'unauthorized' | 'redirect' | 'sign-in-page';
  /** Which cookies `session/begin` sets. */
  readonly sessionCookies: readonly string[];
  readonly cookieAttributes: string;
  /** Status of `session/begin` when no session is left. */
  readonly sessionLimitStatus: number;
  /** Connections are kept open between requests. */
  readonly keepsAlive: boolean;
  /** Registered feedback slots live on after a reboot. */
  readonly slotsSurviveReboot: boolean;
  /** Posts that wait for their turn when a slot is registered anew still go out, to the URL before. */
  readonly registerKeepsPosts: boolean;
  /** A slot that fails is told as a message in Diagnostics. */
  readonly diagnosticsTellSlots: boolean;
  /** A post answered with a redirect counts as delivered. */
  readonly feedbackAcceptsRedirect: boolean;
  readonly feedbackRetries: number;
  readonly feedbackRetrySpacingMs: number;
  readonly feedbackTimeoutMs: number;
  /** A command that the model's schema lists and the simulator has no effect for: OK, or a command error. */
  readonly acceptUnmodelledCommands: boolean;
  /** What `Extensions Export` answers: a document as text under `Data`, or its elements in the result. */
  readonly extensionsExport: 'text' | 'tree';
  /** Panels are exported as they were saved, or with what the device adds and in its own order. */
  readonly exportedPanels: 'as-saved' | 'completed';
  readonly largestPanelBytes: number;
  /** Macros can be kept and read while `Macros Mode` is Off; they do not run. */
  readonly macrosReadableWhileOff: boolean;
  /** When a macro that was saved, activated or deactivated takes effect. */
  readonly macroTakesEffect: 'at-restart' | 'at-once';
  readonly largestMacroBytes: number;
  /** `Branding Get` answers the file that was uploaded, or the picture written anew. */
  readonly brandingGet: 'as-uploaded' | 're-encoded';
  /** The status `UserInterface Branding CustomId` follows uploads. */
  readonly brandingCustomId: boolean;
  /** A body that is none of BMP, GIF, JPEG and PNG is refused. */
  readonly checksImages: boolean;
  readonly largestImageBytes: number;
  /** Name of the list that `CA Show` answers. */
  readonly authorityList: 'Details' | 'Certificates';
  /** What becomes of the reply to `SoftwareUpgrade`: it comes, or the connection drops first. */
  readonly upgradeReply: 'at-once' | 'never';
  /** A changed passphrase ends the sessions and sockets of the account that are open. */
  readonly passphraseEndsSessions: boolean;
  /** A wrong old passphrase in a command counts as a bad login. */
  readonly wrongOldPassphraseCounts: boolean;
  /** The microphones are unmuted by the device when a call connects. */
  readonly unmuteOnConnect: boolean;
  /** The microphones are unmuted by the device when the last call ends. */
  readonly unmuteAtCallEnd: boolean;
  /** The camera mute is taken off by the device when a call connects. */
  readonly videoUnmuteOnConnect: boolean;

  /** Requests a second with Basic authentication; 0 is no limit. */
  readonly basicPerSecond: number;
  readonly basicQueue: number;
  readonly sessionPerSecond: number;
  readonly sessionQueue: number;
  /** For how long an account stays locked after too many bad logins. */
  readonly lockoutMs: number;
  /** Added to every answer. */
  readonly latencyMs: number;

  readonly presenceYesMs: number;
  readonly presenceNoMs: number;
  readonly dialStepMs: number;
  /** From Connecting to Connected. */
  readonly connectMs: number;
  /** For how long a far end that never answers rings before the device gives up. */
  readonly ringMs: number;
  readonly hangUpStepMs: number;
  /** Numbers (with `*`) whose far end rejects, or never answers; every other answers. */
  readonly rejectingNumbers: readonly string[];
  readonly silentNumbers: readonly string[];
  /** Numbers (with `*`) whose calls the network refuses. */
  readonly failingNumbers: readonly string[];
  /** From BootEvent to the drop. */
  readonly bootLeadMs: number;
  readonly rebootMs: number;
  /** From `SoftwareUpgrade` to the BootEvent. */
  readonly upgradeMs: number;
  /** The new software does not start: the device comes back with that of before. */
  readonly upgradeFallsBack: boolean;
  /** So long before its end a booking under way tells what is left. */
  readonly bookingWarningMs: number;
  readonly standbyStepMs: number;

  readonly faultLatencyMs: number;
  readonly faultSlowMs: number;
  readonly faultClockSkewMs: number;
  /** Status values hold C0 control characters, as some devices send them. */
  readonly malformedXmlControls: boolean;
}

/** Every unknown answered one way; the delays, limits and retries are those of the documents. */
export const oneWay: SimulatorSettings = {
  socketRefusal: 403,
  socketOffStatus: 404,
  answersPings: true,
  rebootCloseCode: 1006,
  maxSubscriptions: 50,
  maxSockets: 30,
  socketsCountAsSessions: false,
  configurationFeedback: 'all',
  ghostForm: 'text',
  eventIdsOnSocket: false,
  absentNode: 'error',
  setRefusalMessage: 'Bad usage: Bad argument to parameter "Value".',
  literalsIgnoreCase: false,
  hiddenValue: '***',
  missingItem: 'refuse',
  settingErrorShape: 'children',
  accountRoles: ['Admin'],
  putxmlTakes: 'admin',
  rolesShape: 'items',
  unknownArgument: 'parameter-error',
  notLoggedIn: 'unauthorized',
  sessionCookies: ['SessionId'],
  cookieAttributes: 'Path=/; HttpOnly; Secure',
  sessionLimitStatus: 503,
  keepsAlive: true,
  slotsSurviveReboot: true,
  registerKeepsPosts: true,
  diagnosticsTellSlots: true,
  feedbackAcceptsRedirect: false,
  feedbackRetries: 10,
  feedbackRetrySpacingMs: 1_000,
  feedbackTimeoutMs: 10_000,
  acceptUnmodelledCommands: false,
  extensionsExport: 'text',
  exportedPanels: 'as-saved',
  largestPanelBytes: 1_000_000,
  macrosReadableWhileOff: false,
  macroTakesEffect: 'at-restart',
  largestMacroBytes: 1_000_000,
  brandingGet: 'as-uploaded',
  brandingCustomId: true,
  checksImages: false,
  largestImageBytes: 8_000_000,
  authorityList: 'Details',
  upgradeReply: 'at-once',
  passphraseEndsSessions: false,
  wrongOldPassphraseCounts: false,
  unmuteOnConnect: false,
  unmuteAtCallEnd: true,
  videoUnmuteOnConnect: false,
  basicPerSecond: 1,
  basicQueue: 30,
  sessionPerSecond: 15,
  sessionQueue: 90,
  lockoutMs: 300_000,
  latencyMs: 0,
  presenceYesMs: 1_000,
  presenceNoMs: 120_000,
  dialStepMs: 200,
  connectMs: 1_000,
  ringMs: 45_000,
  hangUpStepMs: 100,
  rejectingNumbers: ['busy*'],
  silentNumbers: ['silent*'],
  failingNumbers: ['failing*'],
  bootLeadMs: 200,
  rebootMs: 90_000,
  upgradeMs: 60_000,
  upgradeFallsBack: false,
  bookingWarningMs: 300_000,
  standbyStepMs: 1_000,
  faultLatencyMs: 500,
  faultSlowMs: 35_000,
  faultClockSkewMs: 3_600_000,
  malformedXmlControls: false,
};

/** Every unknown answered the other way. */
export const otherWay: SimulatorSettings = {
  ...oneWay,
  socketRefusal: 401,
  socketOffStatus: 400,
  answersPings: false,
  rebootCloseCode: 1001,
  maxSubscriptions: 38,
  maxSockets: 10,
  socketsCountAsSessions: true,
  configurationFeedback: 'partial',
  ghostForm: 'boolean',
  eventIdsOnSocket: true,
  absentNode: 'null',
  setRefusalMessage: 'Illegal value',
  literalsIgnoreCase: true,
  hiddenValue: '',
  missingItem: 'first',
  settingErrorShape: 'bare',
  putxmlTakes: 'any-role',
  rolesShape: 'text',
  unknownArgument: 'empty-command',
  notLoggedIn: 'redirect',
  sessionCookies: ['SessionId', 'SecureSessionId'],
  cookieAttributes: 'Path=/',
  sessionLimitStatus: 500,
  keepsAlive: false,
  slotsSurviveReboot: false,
  registerKeepsPosts: false,
  diagnosticsTellSlots: false,
  feedbackAcceptsRedirect: true,
  feedbackRetries: 3,
  feedbackRetrySpacingMs: 5_000,
  acceptUnmodelledCommands: true,
  extensionsExport: 'tree',
  exportedPanels: 'completed',
  largestPanelBytes: 8_000_000,
  macrosReadableWhileOff: true,
  macroTakesEffect: 'at-once',
  largestMacroBytes: 8_000_000,
  brandingGet: 're-encoded',
  brandingCustomId: false,
  checksImages: true,
  largestImageBytes: 4_000_000,
  authorityList: 'Certificates',
  upgradeReply: 'never',
  passphraseEndsSessions: true,
  wrongOldPassphraseCounts: true,
  unmuteOnConnect: true,
  unmuteAtCallEnd: false,
  videoUnmuteOnConnect: true,
  malformedXmlControls: true,
};

/** Short delays for tests and demos; the unknowns are untouched. */
export const quick: Partial<SimulatorSettings> = {
  feedbackRetries: 2,
  feedbackRetrySpacingMs: 20,
  basicPerSecond: 0,
  sessionPerSecond: 0,
  presenceYesMs: 10,
  presenceNoMs: 50,
  dialStepMs: 5,
  connectMs: 20,
  ringMs: 300,
  hangUpStepMs: 5,
  bootLeadMs: 20,
  rebootMs: 200,
  upgradeMs: 50,
  standbyStepMs: 10,
  lockoutMs: 2_000,
};
