import type { DesiredDevice, Fleet, NotifierSection } from '../../src/fleet/fleet.ts';
import type { Problem } from '../../src/fleet/problem.ts';
import { Secret } from '../../src/lib/secret.ts';
import { macroSection } from '../../src/macros/macro.ts';

export function sampleDevice(name: string, changes: Partial<DesiredDevice> = {}): DesiredDevice {
  return {
    name,
    formerly: null,
    place: { file: 'fleet.yaml', line: 1, column: 1 },
    host: '127.0.0.1',
    port: 443,
    kind: 'room',
    credential: 'roomd',
    username: 'roomd',
    password: new Secret('x'),
    tls: { mode: 'insecure' },
    timezone: 'Europe/Oslo',
    tags: { site: 'oslo', standup: 'true' },
    protected: false,
    configuration: new Map(),
    feedback: { expressions: [], format: 'XML', slot: null },
    ...changes,
  };
}

const OPS: NotifierSection = {
  webex: {
    to: { roomId: 'room' },
    own: { token: new Secret('t'), baseUrl: 'https://webexapis.com/v1' },
  },
};

/**
 * A fleet with `macros` as they stand in the file, read by the section's own schema.
 * @throws ZodError where the schema refuses them
 */
export function sampleFleet({
  devices = [sampleDevice('boardroom-1')],
  macros = [],
  commands = [],
  http = [],
  scripts = {},
}: {
  devices?: readonly DesiredDevice[];
  macros?: unknown;
  commands?: readonly string[];
  http?: readonly string[];
  /** What the files hold that macros name as their script. */
  scripts?: Readonly<Record<string, string>>;
} = {}): Fleet {
  const read = macroSection.schema.parse(macros);
  return {
    file: '/fleet.yaml',
    fingerprint: '',
    daemon: {
      mode: 'enforce',
      listen: '',
      tls: null,
      trustProxy: [],
      feedback: { listen: '', publicUrl: null, tls: null, tokenLifeMs: null, postsPerSecond: 20 },
      metrics: { mostDevices: 500 },
      signIn: { idleMs: 43_200_000, mostMs: 604_800_000 },
      sessions: { leaveFree: 5 },
      databaseFile: '',
      retentionMs: { events: 0, presence: 0, calls: 0, bookings: 0, sensors: 0, spans: 0, utilisation: 0 },
      cors: [],
      tokens: [],
      timing: {
        sweepMs: 0,
        driftMs: 0,
        slotCheckMs: 0,
        connectMs: 0,
        requestMs: 0,
        pingMs: 0,
        retryFirstMs: 0,
        retryMostMs: 0,
        upgradeMs: 0,
      },
    },
    devices,
    calls: { allow: ['*@example.com'] },
    privacy: { remote: 'none', organizer: 'none', series: 'none' },
    commands: { allow: commands },
    http: { allow: http },
    notifiers: { ops: OPS },
    sections: new Map([['macros', read]]),
    texts: new Map(
      read.flatMap(({ script }, index) =>
        script === undefined
          ? []
          : [[`macros[${index}].script`, { file: script, text: scripts[script] ?? '' }]],
      ),
    ),
    warnings: [],
    sources: [],
    sourceFolders: [],
    nextChangeAt: null,
    inventory: { cucm: null, webex: null },
    systems: { webex: null, meetings: null, finesse: null, cucm: null },
    rollout: null,
  };
}

/** Everything that the section's check finds, each as `path: message`. */
export function problemsOf(fleet: Fleet): string[] {
  return problems(fleet).map(({ path, message }) => `${path}: ${message}`);
}

export function problems(fleet: Fleet): Problem[] {
  const value = fleet.sections.get('macros') as Parameters<typeof macroSection.check>[0];
  return macroSection.check(value, fleet, () => ({ file: '/fleet.yaml', line: 1, column: 1 }));
}
