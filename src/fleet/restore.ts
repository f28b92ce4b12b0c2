import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { Secret } from '../lib/secret.ts';
import { canonicalPath, type PathText, pathKey } from '../xapi/path.ts';
import { type BackupContent, readBackupContent } from './backup-content.ts';
import { BackupError, mendBackup } from './backup-folder.ts';
import { ABOUT_FILE, CONFIGURATION_FILE } from './backup-tree.ts';
import type { DesiredDevice, DesiredSetting } from './fleet.ts';
import { readDeviceName, Wrong } from './forms.ts';
import { contentRestoration, type RestorePart } from './restore-content.ts';
import { cutOffReason } from './rollout/cut-off.ts';
import { isSecretPath } from './secret-paths.ts';

/** What a backup says of a device, as far as it can be restored. */
export interface Backup {
  readonly device: string;
  readonly product: string;
  readonly software: string;
  readonly serial: string;
  /** RFC 3339. */
  readonly readAt: string;
  readonly settings: ReadonlyMap<PathText, string>;
  readonly hidden: readonly PathText[];
  readonly content: BackupContent;
}

const ConfigurationFile = z.strictObject({
  // An empty map reads as an empty text.
  configuration: z.preprocess((read) => (read === '' ? {} : read), z.record(z.string(), z.string())),
  hidden: z.array(z.string()).default([]),
  unfit: z.record(z.string(), z.string()).default({}),
});

const AboutFile = z.object({
  device: z.string(),
  product: z.string(),
  software: z.string(),
  serial: z.string(),
  readAt: z.string(),
  // A backup of an older roomd does not say.
  kept: z.array(z.string()).nullable().default(null),
});

/**
 * Reads the backup of a device from the folder that `roomd backup` wrote.
 * @throws BackupError `backup-unreadable`
 */
export async function readBackupFolder(folder: string, name: string): Promise<Backup> {
  const refusal = readDeviceName(name);
  if (refusal instanceof Wrong) throw new BackupError('backup-unreadable', refusal.message);
  await mendBackup(folder, name);
  const { configuration, hidden } = await read(join(folder, name, CONFIGURATION_FILE), ConfigurationFile);
  const { kept, ...about } = await read(join(folder, name, ABOUT_FILE), AboutFile);
  return {
    ...about,
    settings: settingsIn(configuration, join(folder, name)),
    hidden,
    content: await readBackupContent(join(folder, name), kept),
  };
}

function settingsIn(written: Readonly<Record<string, string>>, where: string): Map<PathText, string> {
  const settings = new Map<PathText, string>();
  for (const [text, value] of Object.entries(written)) {
    try {
      settings.set(canonicalPath(text), value);
    } catch (error) {
      throw new BackupError('backup-unreadable', `${where}: ${messageOf(error)}`);
    }
  }
  return settings;
}

async function read<Value>(file: string, schema: z.ZodType<Value>): Promise<Value> {
  let written: unknown;
  try {
    written = parse(await readFile(file, 'utf8'), { schema: 'failsafe' });
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new BackupError(
      'backup-unreadable',
      isMissing ? `there is no backup: ${file} is missing` : `${file} cannot be read: ${messageOf(error)}`,
    );
  }
  const result = schema.safeParse(written);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new BackupError(
    'backup-unreadable',
    `${file} is no file of a backup: at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`,
  );
}

/** A device as its backup has it, and what a person should know before it is written. */
export interface Restoration {
  readonly desired: DesiredDevice;
  /** Kinds of the resources that take part. */
  readonly kinds: ReadonlySet<string>;
  readonly hints: readonly string[];
}

export interface RestoreOptions {
  /** Also the settings that can cut roomd off. */
  readonly network: boolean;
  /** One part; null is all. */
  readonly only: RestorePart | null;
  /** Takes panels, macros and pictures off that the backup does not name. */
  readonly prune: boolean;
}

/** The device with what the backup has and nothing else: a plan and an apply of it are the restore. */
export function restoration(
  desired: DesiredDevice,
  backup: Pick<Backup, 'settings' | 'content' | 'readAt'>,
  options: RestoreOptions,
): Restoration {
  const { content, kinds, hints } = contentRestoration(desired, backup.content, options);
  const { content: _, ...rest } = desired;
  const settings =
    options.only === null || options.only === 'settings'
      ? settingsRestoration(desired, backup, options)
      : { configuration: new Map(), hints: [] };
  return {
    desired: {
      ...rest,
      configuration: settings.configuration,
      ...(content === undefined ? {} : { content }),
    },
    kinds,
    hints: [...settings.hints, ...hints],
  };
}

function settingsRestoration(
  desired: DesiredDevice,
  backup: Pick<Backup, 'settings' | 'readAt'>,
  { network }: Pick<RestoreOptions, 'network'>,
): { configuration: Map<PathText, DesiredSetting>; hints: string[] } {
  const inFile = new Map(
    [...desired.configuration.values()].map((setting) => [pathKey(setting.path), setting]),
  );
  const configuration = new Map<PathText, DesiredSetting>();
  let leftAlone = 0;
  const hints: string[] = [];
  for (const [path, value] of backup.settings) {
    // An edited file may name one; secrets come from the fleet file only.
    if (isSecretPath(path)) continue;
    if (!network && cutOffReason(path) !== null) {
      leftAlone += 1;
      continue;
    }
    const said = inFile.get(pathKey(path));
    if (said !== undefined && (said.value instanceof Secret || said.value !== value))
      hints.push(
        `the fleet file says ${path}: ${said.origin.shown}; roomd sees the backup's value as drift until the file says the same`,
      );
    if (said?.value instanceof Secret) continue;
    configuration.set(path, {
      path,
      value,
      origin: { layer: `backup of ${backup.readAt}`, place: desired.place, shown: value },
      overridden: said === undefined ? [] : [said.origin, ...said.overridden],
    });
  }
  if (leftAlone > 0)
    hints.push(
      `${leftAlone} settings that can cut roomd off from the device, such as those below Network, are left as they are; --network restores them too`,
    );
  return { configuration, hints };
}

/** What differs between who answers now and who answered then; empty where it is the same product and software. */
export function strangeness(
  backup: Pick<Backup, 'product' | 'software'>,
  now: { readonly product: string | null; readonly software: string | null },
): string[] {
  if (now.product !== null && now.product !== backup.product)
    return [
      `the backup is of a ${backup.product}, this is a ${now.product}: what it does not have is told as a problem`,
    ];
  if (now.software !== null && now.software !== backup.software)
    return [`the backup is from software ${backup.software}, the device runs ${now.software}`];
  return [];
}
