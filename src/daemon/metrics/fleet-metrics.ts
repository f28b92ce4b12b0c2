import { SessionWordAnswer } from '../../actions/answers.ts';
import type { DeviceView } from '../../actions/ports.ts';
import { ConfigurationState } from '../../actions/shown-device.ts';
import type { Clock } from '../../lib/clock.ts';
import { countWords, declareGauge, type Registry, type Sample } from '../../lib/metrics.ts';

export interface FleetMetricsParts {
  readonly devices: () => readonly DeviceView[];
  /** Single devices have series of their own while the fleet has no more than this. */
  readonly mostDevices: () => number;
  readonly registry: Registry;
  readonly clock: Clock;
}

const PRESENCE = ['yes', 'no', 'unknown'] as const;
const SLOTS = ['ok', 'failed', 'none', 'off'] as const;
/** What one look at the metrics sees is of one moment; the next look comes later. */
const ONE_LOOK_MS = 500;

/** What the views of the devices amount to, counted by closed words: as many series for ten rooms as for thousands. */
export function declareFleetMetrics({ devices, mostDevices, registry, clock }: FleetMetricsParts): void {
  const views = once(devices, clock);
  const inService = () => views().filter(({ retired }) => retired === null);
  declareWords(registry, inService);
  for (const [name, help, counts] of COUNTS)
    declareGauge(registry, { name, help, labelNames: [] }, () => [
      [[], inService().reduce((sum, view) => sum + Number(counts(view)), 0)],
    ]);
  declareGauge(
    registry,
    {
      name: 'roomd_retired_devices',
      help: 'Devices of the file that are out of service; no other metric of devices counts them',
      labelNames: [],
    },
    () => [[[], views().length - inService().length]],
  );
  declareGauge(
    registry,
    {
      name: 'roomd_certificate_first_expiry_timestamp_seconds',
      help: 'When the first of the certificates that devices showed ends, seconds since 1970',
      labelNames: [],
    },
    () => {
      const ends = inService().flatMap(({ certificate }) => certificate?.validTo ?? []);
      return ends.length === 0 ? [] : [[[], ends.reduce((a, b) => Math.min(a, b)) / 1_000]];
    },
  );
  declareSingleDevices(registry, () => (inService().length > mostDevices() ? [] : inService()));
}

type Count = readonly [name: string, help: string, counts: (view: DeviceView) => boolean | number];

const COUNTS: readonly Count[] = [
  [
    'roomd_in_use_rooms',
    'Rooms in which somebody is, or a call runs',
    ({ presence, inCall }) => presence.state === 'yes' || inCall === true,
  ],
  ['roomd_in_call_rooms', 'Rooms in which a call runs', ({ inCall }) => inCall === true],
  [
    'roomd_counted_people',
    'People counted in all rooms that count them',
    ({ presence }) => presence.count ?? 0,
  ],
  ['roomd_differing_devices', 'Devices on which settings differ', ({ drift }) => (drift ?? 0) > 0],
  ['roomd_differing_settings', 'Settings that differ, on all devices', ({ drift }) => drift ?? 0],
  [
    'roomd_waiting_devices',
    'Devices on which a difference is not corrected now: a room in use, a hold, a fight',
    ({ configuration }) => configuration.waiting !== null,
  ],
  [
    'roomd_fought_settings',
    'Settings that something else keeps changing back',
    ({ fights }) => fights.length,
  ],
  ['roomd_held_devices', 'Devices that a hold keeps machines from', ({ held }) => held !== null],
  ['roomd_maintenance_devices', 'Devices in maintenance', ({ maintenance }) => maintenance !== null],
  [
    'roomd_held_back_devices',
    'Devices whose posts are answered late because they post too fast',
    ({ heldBackSince }) => heldBackSince !== null,
  ],
];

function declareWords(registry: Registry, inService: () => readonly DeviceView[]): void {
  declareGauge(
    registry,
    {
      name: 'roomd_devices',
      help: 'Devices by how their session stands, in a word',
      labelNames: ['session'],
    },
    () =>
      countWords(
        SessionWordAnswer.options,
        inService().map(({ session }) => session.word),
      ),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_configuration_devices',
      help: 'Devices by how their configuration stood at the last look',
      labelNames: ['state'],
    },
    () =>
      countWords(
        ConfigurationState.options,
        inService().map(({ configuration }) => configuration.state),
      ),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_presence_rooms',
      help: 'Rooms by whether somebody is there; unknown is not empty',
      labelNames: ['presence'],
    },
    () =>
      countWords(
        PRESENCE,
        inService().map(({ presence }) => presence.state),
      ),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_feedback_slot_devices',
      help: 'Devices by how their feedback slot stands; off: none is wanted',
      labelNames: ['state'],
    },
    () =>
      countWords(
        SLOTS,
        inService().map(({ slot }) => slot.state),
      ),
  );
}

function declareSingleDevices(registry: Registry, devices: () => readonly DeviceView[]): void {
  const each =
    (value: (view: DeviceView) => number | null) => (): readonly Sample<readonly [string, string]>[] =>
      devices().flatMap((view) => {
        const shown = value(view);
        return shown === null ? [] : [[[view.name, view.tags['site'] ?? ''], shown] as const];
      });
  const labelNames = ['device', 'site'] as const;
  declareGauge(
    registry,
    {
      name: 'roomd_device_up',
      help: 'Whether a session to the device is up; none of these in a fleet larger than daemon.metrics.devices',
      labelNames,
    },
    each(({ session }) => Number(session.state === 'up' || session.state === 'up-https')),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_device_differing_settings',
      help: 'Settings of the device that differ; as roomd_device_up',
      labelNames,
    },
    each(({ drift }) => drift),
  );
}

/** Asks once for all that look within one moment. */
function once<T>(read: () => T, clock: Clock): () => T {
  let kept: { readonly value: T; readonly at: number } | null = null;
  return () => {
    const at = clock.monotonic();
    if (kept === null || at - kept.at > ONE_LOOK_MS) kept = { value: read(), at };
    return kept.value;
  };
}
