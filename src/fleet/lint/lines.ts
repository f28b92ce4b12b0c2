import { Secret } from '../../lib/secret.ts';
import type { PathText } from '../../xapi/path.ts';
import { pathKey } from '../../xapi/path.ts';
import type { DesiredDevice, DesiredSetting, Origin } from '../fleet.ts';

/** One line of the file and the devices that have their setting from it. */
export interface UsedLine {
  readonly setting: DesiredSetting;
  readonly devices: string[];
}

/**
 * The lines that devices have their settings from, each once: ten thousand
 * devices with one profile share its lines, so that what follows looks at
 * lines and not at settings. Under a temporary override both lines count: the
 * one that holds now and the one that it returns to.
 */
export function usedLines(devices: readonly DesiredDevice[]): UsedLine[] {
  const lines = new LineBook<UsedLine>();
  for (const { name, configuration } of devices) {
    for (const setting of configuration.values())
      for (
        let form: DesiredSetting | undefined = setting;
        form !== undefined;
        form = form.temporary?.returnsTo
      )
        heldBy(lines, form).push(name);
  }
  return lines.all();
}

function heldBy(lines: LineBook<UsedLine>, setting: DesiredSetting): string[] {
  return lines.at(setting.origin, setting, () => ({ setting, devices: [] })).devices;
}

/** How a line fares against the other layers. */
export interface LineUse {
  readonly path: PathText;
  readonly origin: Origin;
  /** Devices on which it wins. */
  wins: number;
  /** Devices on which it wins over a line that says the same. */
  readonly repeats: string[];
  /** Devices on which another layer wins over it. */
  readonly loses: string[];
}

/** Every line of every layer that reaches a device, with how often it wins; temporary overrides are left out. */
export function lineUses(devices: readonly DesiredDevice[]): LineUse[] {
  const lines = new LineBook<LineUse>();
  for (const { name, configuration } of devices) {
    for (const setting of configuration.values()) {
      const { path, value, origin, overridden } = settled(setting);
      const winner = lines.at(origin, { path }, () => newUse(path, origin));
      winner.wins += 1;
      const [below] = overridden;
      if (below?.shown === origin.shown && !(value instanceof Secret)) winner.repeats.push(name);
      for (const loser of overridden) lines.at(loser, { path }, () => newUse(path, loser)).loses.push(name);
    }
  }
  return lines.all();
}

/** What holds when every override has ended. */
function settled(setting: DesiredSetting): DesiredSetting {
  let form = setting;
  while (form.temporary !== undefined) form = form.temporary.returnsTo;
  return form;
}

function newUse(path: PathText, origin: Origin): LineUse {
  return { path, origin, wins: 0, repeats: [], loses: [] };
}

/**
 * Entries by line. A layer's origin is one object for all its devices, which
 * makes it the quick key; where it is not, the place and the path are.
 */
class LineBook<Entry> {
  readonly #byOrigin = new Map<Origin, { readonly path: PathText; readonly value: unknown; entry: Entry }>();
  readonly #byText = new Map<string, Entry>();

  at(origin: Origin, { path, value }: { path: PathText; value?: string | Secret }, make: () => Entry): Entry {
    const known = this.#byOrigin.get(origin);
    if (known !== undefined && known.path === path && known.value === value) return known.entry;
    const { file, line, column } = origin.place;
    const text = typeof value === 'string' ? value : '';
    const key = `${file}\n${line}\n${column}\n${origin.layer}\n${pathKey(path)}\n${text}`;
    let entry = this.#byText.get(key);
    if (entry === undefined) {
      entry = make();
      this.#byText.set(key, entry);
    }
    this.#byOrigin.set(origin, { path, value, entry });
    return entry;
  }

  all(): Entry[] {
    return [...this.#byText.values()];
  }
}
