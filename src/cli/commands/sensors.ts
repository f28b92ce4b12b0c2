import { listSensors, type SensorList } from '../../actions/sensors.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { addRecordOptions, moreLine, type RecordOptions, recordInput, shortTime } from '../record-options.ts';
import { type Terminal, table } from '../terminal.ts';
import { tellAge, withRecord } from '../verbs.ts';

interface SensorOptions extends RecordOptions {
  readonly sensor?: 'temperature' | 'humidity' | 'air-quality' | 'ambient-noise' | 'sound-level';
  readonly hourly?: boolean;
}

export const sensorsCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  addRecordOptions(
    program
      .command('sensors <device>')
      .description('what the sensors of a device and of attached Navigators showed, newest first')
      .option('--sensor <name>', 'temperature, humidity, air-quality, ambient-noise or sound-level')
      .option('--hourly', 'hours with least, greatest and mean value'),
    '24h',
  ).action(
    handler<SensorOptions>(finish, (options, [device = '']) =>
      withRecord(options, context, async (verbs) => {
        await tellAge(verbs, context);
        const { sensor = null, hourly = false } = options;
        const input = { device, sensor, hourly, ...recordInput(options) };
        const output = await verbs.perform(listSensors, input);
        if (options.json) terminal.out(JSON.stringify(output, null, 2));
        else for (const line of lines(device, output, terminal)) terminal.out(line);
        return EXIT.ok;
      }),
    ),
  );
};

function lines(device: string, { items, nextCursor }: SensorList, terminal: Terminal): string[] {
  if (items.length === 0) return [`Nothing that a sensor of ${device} showed is on record for that time.`];
  const rows = items.map(({ at, sensor, source, value, unit, hour }) => [
    shortTime(at),
    sensor,
    source,
    `${rounded(value)} ${unit}`.trim(),
    hour === null ? '' : `${rounded(hour.min)} to ${rounded(hour.max)}`,
  ]);
  const isHourly = items.some(({ hour }) => hour !== null);
  const head = ['AT', 'SENSOR', 'SOURCE', isHourly ? 'MEAN' : 'VALUE', isHourly ? 'RANGE' : ''];
  return [...table([head, ...rows], terminal.columns), '', moreLine(items.length, 'value', nextCursor)];
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
