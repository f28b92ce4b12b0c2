import type { DeviceEvent, Projected, Projection, RecordRow, RowWrite } from '../projection.ts';
import { type Sensor, STEPS, sensorAt, sensorValue } from '../sensor.ts';

type Hour = RecordRow<'measurement_hour'>;

interface Shown extends Sensor {
  /** Null while nobody knows. */
  readonly value: number | null;
  /** The hour is reckoned up to here. */
  readonly at: number;
  /** The last value that has a row, and when. */
  readonly storedValue: number;
  readonly storedAt: number;
  /** The hour that `at` lies in; null where nothing of it is known. */
  readonly hour: Hour | null;
  /** How much of the hour is known so far. */
  readonly knownMs: number;
}

/** By source and sensor. */
export type SensorsState = Readonly<Record<string, Shown>>;

const HOUR_MS = 3_600_000;
/** At most a row a minute, unless the value moved by more than a step. */
const ROW_MS = 60_000;
/** A value that stood longer than this without a word is carried no further. */
const STANDS_MS = 48 * HOUR_MS;

/** What sensors show: rows where it changes, and an hourly roll-up in which each value weighs as long as it stood. */
export const sensors: Projection<SensorsState> = {
  name: 'sensors',
  version: 1,
  tables: ['measurement', 'measurement_hour'],
  apply(known, heard) {
    const { event } = heard;
    const change = new Change(known ?? {}, heard);
    if (event.kind === 'gap') change.lose(event.payload.from, () => true);
    if (event.kind === 'status') {
      const { leaves, gone } = event.payload;
      if (gone.length > 0)
        change.lose(heard.receivedAt, (shown) => gone.some((path) => goesWith(shown, path)));
      change.tell(leaves);
    }
    if (event.kind === 'snapshot') {
      const told = new Set(Object.keys(event.payload.leaves).map((path) => keyOf(sensorAt(path))));
      change.lose(heard.receivedAt, (shown) => !told.has(keyOf(shown)));
      change.tell(event.payload.leaves);
    }
    return change.projected();
  },
  open(state) {
    return Object.values(state).flatMap(({ hour }) => hourWrites(hour));
  },
};

/** What one event makes of the sensors. */
class Change {
  readonly #before: SensorsState;
  readonly #heard: DeviceEvent;
  readonly #writes: RowWrite[] = [];
  #state: SensorsState;

  constructor(state: SensorsState, heard: DeviceEvent) {
    this.#before = state;
    this.#state = state;
    this.#heard = heard;
  }

  projected(): Projected<SensorsState> | null {
    return this.#state === this.#before ? null : { state: this.#state, writes: this.#writes };
  }

  tell(leaves: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(leaves)) {
      const sensor = sensorAt(path);
      const value = sensor === null ? null : sensorValue(text);
      if (sensor !== null && value !== null && value !== this.#state[keyOf(sensor)]?.value)
        this.#show(sensor, value);
    }
  }

  /** Nobody knows what these show from `at` on. */
  lose(at: number, which: (shown: Shown) => boolean): void {
    for (const shown of Object.values(this.#state)) {
      if (shown.value === null || !which(shown)) continue;
      const stood = this.#stand(shown, Math.max(at, shown.at));
      this.#writes.push(...hourWrites(stood.hour));
      this.#put({ ...stood, value: null });
    }
  }

  #show(sensor: Sensor, value: number): void {
    const { seq, receivedAt } = this.#heard;
    const known = this.#state[keyOf(sensor)];
    const at = Math.max(receivedAt, known?.at ?? 0);
    const isRow =
      known === undefined ||
      known.value === null ||
      at - known.storedAt >= ROW_MS ||
      Math.abs(value - known.storedValue) >= STEPS[sensor.sensor];
    const stood = known === undefined ? fresh(sensor, value, at) : this.#stand(known, at);
    const hour = withSample(stood.hour ?? newHour(sensor, { seq, at, value }), value, stood.knownMs);
    const stored = isRow ? { storedValue: value, storedAt: at } : {};
    this.#put({ ...stood, value, hour, ...stored });
    this.#writes.push(...hourWrites(hour));
    if (isRow) this.#writes.push({ table: 'measurement', row: { seq, ...sensor, at, value } });
  }

  /** Reckons the hours up to a time with the value that stood. */
  #stand(known: Shown, until: number): Shown {
    const { value } = known;
    if (value === null || until - known.at > STANDS_MS) return leapt(known, until);
    let shown = known;
    for (;;) {
      const { at, knownMs } = shown;
      const hour = shown.hour ?? newHour(known, { seq: this.#heard.seq, at, value });
      const end = hour.hour_at + HOUR_MS;
      const ms = Math.min(end, until) - at;
      const mean = ms === 0 ? hour.mean : (hour.mean * knownMs + value * ms) / (knownMs + ms);
      shown = { ...shown, at: at + ms, knownMs: knownMs + ms, hour: { ...hour, mean } };
      if (until < end) return shown;
      this.#writes.push(...hourWrites(shown.hour));
      shown = { ...shown, knownMs: 0, hour: null };
      if (until === end) return shown;
    }
  }

  #put(shown: Shown): void {
    this.#state = { ...this.#state, [keyOf(shown)]: shown };
  }
}

/** A time of which nothing is known is passed over. */
function leapt(known: Shown, until: number): Shown {
  const isSameHour = known.hour !== null && until < known.hour.hour_at + HOUR_MS;
  return { ...known, at: until, ...(isSameHour ? {} : { hour: null, knownMs: 0 }) };
}

function fresh({ sensor, source }: Sensor, value: number, at: number): Shown {
  return { sensor, source, value, at, storedValue: value, storedAt: at, hour: null, knownMs: 0 };
}

function newHour(
  { sensor, source }: Sensor,
  { seq, at, value }: { seq: number; at: number; value: number },
): Hour {
  const hour_at = at - (at % HOUR_MS);
  return { seq, sensor, source, hour_at, samples: 0, min: value, max: value, mean: value };
}

function withSample(hour: Hour, value: number, knownMs: number): Hour {
  return {
    ...hour,
    samples: hour.samples + 1,
    min: Math.min(hour.min, value),
    max: Math.max(hour.max, value),
    mean: knownMs === 0 ? value : hour.mean,
  };
}

function keyOf(sensor: Sensor | null): string {
  return sensor === null ? '' : `${sensor.source}/${sensor.sensor}`;
}

function goesWith({ source }: Sensor, gone: string): boolean {
  if (source === 'device') return gone === 'RoomAnalytics';
  const node = `Peripherals.ConnectedDevice[${source.slice('peripheral:'.length)}]`;
  return gone === node || gone === `${node}.RoomAnalytics` || gone === 'Peripherals';
}

function hourWrites(hour: Hour | null): RowWrite[] {
  return hour === null ? [] : [{ table: 'measurement_hour', row: hour }];
}
