import { describe, expect, test } from 'vitest';
import { sensors } from '../../../src/feedback/projections/sensors.ts';
import { gap, rowsAfter, snapshot, status, type Told } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NAVIGATOR = 'Peripherals.ConnectedDevice[1001].RoomAnalytics';

describe('sensors', () => {
  test('a row where a value changed, at most one a minute unless it moved by more than a step', () => {
    expect(
      rows([
        temperature(0, '21.5'),
        temperature(10_000, '21.6'),
        temperature(20_000, '22.4'),
        temperature(30_000, '22.4'),
        temperature(2 * MINUTE, '22.5'),
      ]),
    ).toEqual([
      'temperature device 0 21.5',
      'temperature device 20000 22.4',
      'temperature device 120000 22.5',
    ]);
  });

  test('texts that are no numbers say nothing', () => {
    expect(rows([temperature(0, ''), temperature(1, 'n/a')])).toEqual([]);
  });

  test('a Navigator measures on its own, and is forgotten with it', () => {
    const told = [
      status(0, { [`${NAVIGATOR}.AirQuality.Index`]: '1.2', 'RoomAnalytics.RelativeHumidity': '40' }),
      status(HOUR / 2, {}, ['Peripherals.ConnectedDevice[1001]']),
      status(2 * HOUR, { 'RoomAnalytics.RelativeHumidity': '41' }),
    ];
    expect(rows(told)).toContain('air-quality peripheral:1001 0 1.2');
    expect(hours(told).filter((row) => row.startsWith('air-quality'))).toEqual([
      'air-quality 0 1 1.2/1.2/1.2',
    ]);
    expect(hours(told).filter((row) => row.startsWith('humidity'))).toEqual([
      'humidity 0 1 40/40/40',
      'humidity 1 0 40/40/40',
      'humidity 2 1 41/41/41',
    ]);
  });

  test('in the hour each value weighs as long as it stood, and what is told twice weighs no more', () => {
    const told = [temperature(0, '20'), temperature(45 * MINUTE, '24'), temperature(HOUR, '24.5')];
    expect(hours(told)[0]).toBe('temperature 0 2 20/24/21');
    expect(hours(told.flatMap((one) => [one, one]))).toEqual(hours(told));
  });

  test('a gap is no time at all: the mean is that of what is known', () => {
    expect(
      hours([
        temperature(0, '20'),
        gap(31 * MINUTE, 30 * MINUTE),
        snapshot(45 * MINUTE, { 'RoomAnalytics.AmbientTemperature': '26' }),
        temperature(HOUR, '30'),
      ])[0],
    ).toBe('temperature 0 2 20/26/22');
  });

  test('hours of which nothing is known have no row', () => {
    expect(hours([temperature(0, '20'), gap(HOUR / 2), temperature(3 * HOUR, '21')])).toEqual([
      'temperature 0 1 20/20/20',
      'temperature 3 1 21/21/21',
    ]);
  });
});

function temperature(at: number, text: string): Told {
  return status(at, { 'RoomAnalytics.AmbientTemperature': text });
}

function rows(told: readonly Told[]): string[] {
  return rowsAfter(sensors, 'measurement', told).map(
    ({ sensor, source, at, value }) => `${sensor} ${source} ${at} ${value}`,
  );
}

function hours(told: readonly Told[]): string[] {
  return rowsAfter(sensors, 'measurement_hour', told)
    .toSorted((one, other) => one.hour_at - other.hour_at)
    .map(
      ({ sensor, hour_at, samples, min, max, mean }) =>
        `${sensor} ${hour_at / HOUR} ${samples} ${min}/${max}/${mean}`,
    );
}
