import { childOf, XmlError } from '../lib/xml/element.ts';
import { readXml } from '../lib/xml/reader.ts';
import { type BackupContent, CONTENT_PARTS } from './backup-content.ts';
import type { DesiredContent, DesiredDevice } from './fleet.ts';
import { BRANDING_KIND } from './resources/branding.ts';
import { CONFIGURATION_KIND } from './resources/configuration.ts';
import { DEVICE_MACRO_KIND } from './resources/device-macro.ts';
import { isShownBy, PANEL_KIND } from './resources/ui-panel.ts';

export const RESTORE_PARTS = ['settings', ...CONTENT_PARTS] as const;
/** One part of a device as a backup has it. */
export type RestorePart = (typeof RESTORE_PARTS)[number];

const KINDS: Readonly<Record<RestorePart, string>> = {
  settings: CONFIGURATION_KIND,
  panels: PANEL_KIND,
  macros: DEVICE_MACRO_KIND,
  branding: BRANDING_KIND,
};

/** What is restored besides settings, by which resources, and what a person should know. */
export interface ContentRestoration {
  /** Absent: nothing but settings. */
  readonly content?: DesiredContent;
  /** Kinds of the resources that may look and write; whatever is not named is left alone. */
  readonly kinds: ReadonlySet<string>;
  readonly hints: readonly string[];
}

/**
 * Panels, macros and branding of a backup as what a device should have. A part
 * that the backup does not know is left alone, whatever else is asked for.
 * @param prune takes off what the backup does not name
 */
export function contentRestoration(
  desired: DesiredDevice,
  backup: BackupContent,
  { only, prune }: { only: RestorePart | null; prune: boolean },
): ContentRestoration {
  const asked = RESTORE_PARTS.filter((part) => only === null || only === part);
  const known = asked.filter((part) => part === 'settings' || backup[part] !== null);
  const unknown = asked.filter((part) => !known.includes(part));
  const { place } = desired;
  const part = <Item extends object>(name: keyof BackupContent, items: readonly Item[] | null) =>
    known.includes(name) ? (items ?? []).map((item) => ({ ...item, place })) : [];
  const content: DesiredContent = {
    panels: part('panels', backup.panels),
    deviceMacros: part('macros', backup.macros),
    branding: part('branding', backup.branding),
    certificates: [],
    software: null,
    prune: prune ? 'all' : 'none',
  };
  return {
    ...(known.some((one) => one !== 'settings') ? { content } : {}),
    kinds: new Set(known.map((one) => KINDS[one])),
    hints: [
      ...unknown.map(
        (one) => `${one} are left as they are: the device did not tell them when it was backed up`,
      ),
      ...quarrels(desired.content, content, new Set(known)),
    ],
  };
}

/** Where the fleet file wants something else than the backup. */
function quarrels(
  file: DesiredContent | undefined,
  backup: DesiredContent,
  known: ReadonlySet<RestorePart>,
): string[] {
  if (file === undefined) return [];
  const say = <Item>(
    part: RestorePart,
    what: string,
    { wanted, restored, isSame }: Quarrel<Item>,
  ): string[] =>
    known.has(part)
      ? [...wanted].flatMap(([key, item]) => {
          const other = restored.get(key);
          if (other !== undefined && isSame(item, other)) return [];
          if (other === undefined && backup.prune !== 'all') return [];
          const has = other === undefined ? 'the backup has none' : 'the backup has another';
          return [
            `the fleet file names the ${what} ${key} and ${has}; roomd sees the backup's state as drift until the file says the same`,
          ];
        })
      : [];
  return [
    ...say('panels', 'panel', {
      wanted: new Map(file.panels.map(({ id, xml }) => [id, xml])),
      restored: new Map(backup.panels.map(({ id, xml }) => [id, xml])),
      isSame: isSamePanel,
    }),
    ...say('macros', 'device macro', {
      wanted: new Map(file.deviceMacros.map((macro) => [macro.name, macro])),
      restored: new Map(backup.deviceMacros.map((macro) => [macro.name, macro])),
      isSame: (one, other) => one.active === other.active && one.source.trimEnd() === other.source.trimEnd(),
    }),
    ...say('branding', 'picture', {
      wanted: new Map(file.branding.map(({ type, base64 }) => [type, base64])),
      restored: new Map(backup.branding.map(({ type, base64 }) => [type, base64])),
      isSame: (one, other) => one === other,
    }),
  ];
}

interface Quarrel<Item> {
  readonly wanted: ReadonlyMap<string, Item>;
  readonly restored: ReadonlyMap<string, Item>;
  readonly isSame: (wanted: Item, restored: Item) => boolean;
}

function isSamePanel(one: string, other: string): boolean {
  try {
    const [wanted, held] = [one, other].map((xml) => childOf(readXml(xml).root, 'Panel'));
    return wanted !== undefined && held !== undefined && isShownBy(wanted, held);
  } catch (error) {
    if (error instanceof XmlError) return false;
    throw error;
  }
}
