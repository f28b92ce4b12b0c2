import { formatPattern } from '../../schema/path-pattern.ts';
import type { SettingSpec } from '../../schema/product-schema.ts';
import type { DeviceModel } from '../model.ts';
import { COMMANDS } from './common-commands.ts';
import { MACHINE_SETTINGS, ROOM_SETTINGS } from './common-settings.ts';
import { EVENTS, STATUSES } from './common-statuses.ts';
import { parseCommands, parseEvents, parseSettings, parseStatuses } from './notation.ts';
import { timeZones } from './time-zones.ts';

export interface ModelTables {
  readonly kind: DeviceModel['kind'];
  readonly productId: string;
  readonly software: string;
  /** Laid over the common tables in order: an entry replaces an earlier one with the same pattern. */
  readonly settings: readonly string[];
  readonly statuses?: readonly string[];
  readonly commands?: readonly string[];
  readonly events?: readonly string[];
  /** What of the common tables the model has not, each with all below it. */
  readonly lacks?: {
    readonly settings: readonly string[];
    readonly statuses: readonly string[];
    readonly commands: readonly string[];
  };
}

/** A built-in model from the common tables and its own. */
export function assembleModel(tables: ModelTables): DeviceModel {
  const { kind, productId, software, settings, statuses = [], commands = [], events = [], lacks } = tables;
  const own = settings.flatMap(parseSettings);
  const common = [...parseSettings(MACHINE_SETTINGS), TIME_ZONE, ...parseSettings(ROOM_SETTINGS)];
  return {
    kind,
    productId,
    software,
    schema: {
      product: productId.toLowerCase().replaceAll(' ', '-'),
      software: /\d+(?:\.\d+){2,3}/.exec(software)?.[0] ?? null,
      settings: without(overlay(common, own), ({ path }) => formatPattern(path), lacks?.settings),
      statuses: without(
        [STATUSES, ...statuses].flatMap(parseStatuses),
        ({ path }) => formatPattern(path),
        lacks?.statuses,
      ),
      commands: without(
        [COMMANDS, ...commands].flatMap(parseCommands),
        ({ path }) => path.join('.'),
        lacks?.commands,
      ),
      events: [EVENTS, ...events].flatMap(parseEvents),
    },
  };
}

const TIME_ZONE: SettingSpec = {
  path: [
    { name: 'Time', index: null },
    { name: 'Zone', index: null },
  ],
  valueSpace: { type: 'Literal', values: timeZones() },
  defaults: { all: 'Etc/UTC', byIndex: {} },
  roles: ['Admin', 'Integrator', 'User'],
  hidden: false,
};

function overlay(base: readonly SettingSpec[], over: readonly SettingSpec[]): SettingSpec[] {
  const byPattern = new Map([...base, ...over].map((setting) => [formatPattern(setting.path), setting]));
  return [...byPattern.values()];
}

function without<Spec>(
  specs: readonly Spec[],
  textOf: (spec: Spec) => string,
  lacks: readonly string[] = [],
): Spec[] {
  return specs.filter((spec) => {
    const text = textOf(spec);
    return !lacks.some(
      (prefix) => text === prefix || text.startsWith(`${prefix}.`) || text.startsWith(`${prefix}[`),
    );
  });
}
