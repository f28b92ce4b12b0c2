import type { AbortOptions } from '../lib/abort.ts';
import { childOf } from '../lib/xml/element.ts';
import type { CommandArguments, CommandResult, Device, LeafMap } from '../xapi/device.ts';
import { XapiError, type XapiErrorCode } from '../xapi/errors.ts';
import { type PathText, parsePath } from '../xapi/path.ts';
import { panelsIn as exportedPanelsIn } from './content/exported-panels.ts';
import { exportedPanelXml, panelXml } from './panel-xml.ts';

/** What a device keeps besides settings. A part that could not be read says why; that is not the same as empty. */
export interface DeviceContent {
  readonly panels: ContentPart<HeldPanel>;
  readonly macros: ContentPart<HeldMacro>;
  readonly branding: ContentPart<HeldBranding>;
}

export type ContentPart<Item> =
  | { readonly read: true; readonly items: readonly Item[] }
  | { readonly read: false; readonly why: string };

export interface HeldPanel {
  readonly id: string;
  readonly name: string;
  /** One `<Extensions>` document with this panel: whole where the device exports panels, else as far as its list tells. */
  readonly xml: string;
}

export interface HeldMacro {
  readonly name: string;
  readonly active: boolean;
  /** Null where only names were asked for. */
  readonly source: string | null;
}

export interface HeldBranding {
  readonly type: string;
  readonly base64: string;
}

const BRANDING_TYPES = ['Background', 'Branding', 'HalfwakeBackground', 'HalfwakeBranding'] as const;

/**
 * Reads panels, device macros and branding over commands that change nothing.
 * @param withBodies also the macros' source and the pictures
 * @throws XapiError where the device cannot be reached; what it refuses is a part that says why
 */
export async function readDeviceContent(
  device: Device,
  { withBodies, signal }: { withBodies: boolean } & AbortOptions,
): Promise<DeviceContent> {
  return {
    panels: await part(() => readPanels(device, { signal })),
    macros: await part(async () =>
      macrosIn(await device.command('Macros.Macro.Get', withBodies ? { Content: 'True' } : {}, { signal })),
    ),
    branding: withBodies ? await brandingOf(device, signal) : { read: false, why: 'not asked for' },
  };
}

/** A list of panels lacks their pages; an export has them. */
async function readPanels(device: Device, options: AbortOptions): Promise<readonly HeldPanel[]> {
  try {
    const exported = exportedPanelsIn(await device.command('UserInterface.Extensions.Export', {}, options));
    return [...exported].map(([id, panel]) => ({
      id,
      name: childOf(panel, 'Name')?.text.trim() ?? id,
      xml: exportedPanelXml(panel),
    }));
  } catch (error) {
    if (!(error instanceof XapiError) || error.code !== 'unknown-path') throw error;
    return panelsIn(await device.command('UserInterface.Extensions.List', {}, options));
  }
}

async function brandingOf(
  device: Device,
  signal: AbortSignal | undefined,
): Promise<ContentPart<HeldBranding>> {
  return part(async () => {
    const items: HeldBranding[] = [];
    for (const type of BRANDING_TYPES) {
      const image = await orNothing(device, 'UserInterface.Branding.Get', { Type: type }, signal);
      const base64 =
        [...(image ?? [])].find(([path]) => /(?:^|\.)image$/i.test(path))?.[1].replace(/\s+/g, '') ?? '';
      if (base64 !== '') items.push({ type, base64 });
    }
    return items;
  });
}

/** A device answers an error for a picture that nobody uploaded, and for a type that it does not have. */
async function orNothing(
  device: Device,
  path: PathText,
  args: CommandArguments,
  signal: AbortSignal | undefined,
): Promise<CommandResult | null> {
  try {
    return await device.command(path, args, { signal });
  } catch (error) {
    if (error instanceof XapiError && (error.code === 'command-failed' || error.code === 'bad-value'))
      return null;
    throw error;
  }
}

/** The device's "no" to a command; anything else concerns the whole device. */
const REFUSALS: ReadonlySet<XapiErrorCode> = new Set([
  'unknown-path',
  'bad-value',
  'permission',
  'command-failed',
  'rejected',
]);

async function part<Item>(read: () => Promise<readonly Item[]>): Promise<ContentPart<Item>> {
  try {
    return { read: true, items: await read() };
  } catch (error) {
    if (!(error instanceof XapiError) || !REFUSALS.has(error.code)) throw error;
    // A product that does not know the command has none of the kind.
    if (error.code === 'unknown-path') return { read: true, items: [] };
    return { read: false, why: error.message };
  }
}

function panelsIn(result: LeafMap): HeldPanel[] {
  const version = result.get('Extensions.Version') ?? null;
  return members(result, 'Extensions.Panel').map(([number, leaves]) => {
    const id = leaves.get('PanelId') ?? leaves.get('Id') ?? `panel-${number}`;
    return { id, name: leaves.get('Name') ?? id, xml: panelXml(leaves, version) };
  });
}

function macrosIn(result: LeafMap): HeldMacro[] {
  return members(result, 'Macro').flatMap(([, leaves]) => {
    const name = leaves.get('Name');
    if (name === undefined) return [];
    return [{ name, active: leaves.get('Active') === 'True', source: leaves.get('Content') ?? null }];
  });
}

/** The members of a list by wire id, each with its leaves below it; a list of one may come without an index. */
function members(result: LeafMap, list: PathText): [number, Map<PathText, string>][] {
  const depth = list.split('.').length;
  const found = new Map<number, Map<PathText, string>>();
  for (const [path, value] of result) {
    const segments = parsePath(path);
    const names = segments.slice(0, depth).map(({ name }) => name);
    if (names.join('.') !== list || segments.length === depth) continue;
    const number = segments[depth - 1]?.index ?? 1;
    const leaves = found.get(number) ?? new Map<PathText, string>();
    leaves.set(path.split('.').slice(depth).join('.'), value);
    found.set(number, leaves);
  }
  return [...found].sort(([a], [b]) => a - b);
}
