import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { BackupError } from './backup-folder.ts';
import { fileName } from './backup-tree.ts';
import { readPanel } from './content/panel.ts';
import type { DesiredBranding, DesiredDeviceMacro, DesiredPanel } from './fleet.ts';
import { Wrong } from './forms.ts';

/** What a backup holds besides settings; null for a part of which it does not know what the device had. */
export interface BackupContent {
  readonly panels: readonly Pick<DesiredPanel, 'id' | 'xml'>[] | null;
  readonly macros: readonly Pick<DesiredDeviceMacro, 'name' | 'source' | 'active'>[] | null;
  readonly branding: readonly Pick<DesiredBranding, 'type' | 'base64'>[] | null;
}

/** The folders of a backup, as its about.yaml names those that are older than the rest. */
export const CONTENT_PARTS = [
  'panels',
  'macros',
  'branding',
] as const satisfies readonly (keyof BackupContent)[];

const BRANDING_TYPES = ['Background', 'Branding', 'HalfwakeBackground', 'HalfwakeBranding'] as const;

const ActiveFile = z.record(z.string(), z.enum(['true', 'false']));

/**
 * Reads panels, macros and branding of a device's backup.
 * @param kept parts that the device did not tell; null where the backup does not say (it is from an older roomd), so that an empty part says nothing
 * @throws BackupError `backup-unreadable`
 */
export async function readBackupContent(
  folder: string,
  kept: readonly string[] | null,
): Promise<BackupContent> {
  const read = async <Item>(
    part: (typeof CONTENT_PARTS)[number],
    items: (names: readonly string[], at: string) => Promise<Item[]>,
  ): Promise<Item[] | null> => {
    if (kept?.includes(part)) return null;
    const at = join(folder, part);
    const names = await namesIn(at);
    return names.length === 0 && kept === null ? null : items(names, at);
  };
  return {
    panels: await read('panels', readPanels),
    macros: await read('macros', readMacros),
    branding: await read('branding', readBranding),
  };
}

async function readPanels(names: readonly string[], at: string): Promise<{ id: string; xml: string }[]> {
  const files = names.filter((name) => name.endsWith('.xml'));
  return Promise.all(
    files.map(async (name) => fit(join(at, name), readPanel(await bytesOf(join(at, name))))),
  );
}

/** Names are those of active.yaml: a file's name may be shortened. */
async function readMacros(
  names: readonly string[],
  at: string,
): Promise<{ name: string; source: string; active: boolean }[]> {
  if (names.length === 0) return [];
  const file = join(at, 'active.yaml');
  const active = activeIn(file, await bytesOf(file));
  return Promise.all(
    Object.entries(active).map(async ([name, isActive]) => {
      const from = join(at, `${fileName(name)}.js`);
      // Whatever the device kept, an empty one too.
      const source = (await bytesOf(from)).toString('utf8');
      return { name, source, active: isActive === 'true' };
    }),
  );
}

function activeIn(file: string, bytes: Buffer): z.output<typeof ActiveFile> {
  try {
    return ActiveFile.parse(parse(bytes.toString('utf8'), { schema: 'failsafe' }));
  } catch (error) {
    const message = error instanceof z.ZodError ? 'names with true or false are expected' : messageOf(error);
    throw new BackupError('backup-unreadable', `${file} is no file of a backup: ${message}`);
  }
}

/** Pictures of any kind: they are what the device itself showed. */
async function readBranding(
  names: readonly string[],
  at: string,
): Promise<{ type: DesiredBranding['type']; base64: string }[]> {
  const found = BRANDING_TYPES.flatMap((type) => {
    const name = names.find((one) => one.replace(/\.[^.]+$/, '') === type);
    return name === undefined ? [] : [{ type, file: join(at, name) }];
  });
  return Promise.all(
    found.map(async ({ type, file }) => ({ type, base64: (await bytesOf(file)).toString('base64') })),
  );
}

function fit<Value>(file: string, read: Value | Wrong): Value {
  if (read instanceof Wrong) throw new BackupError('backup-unreadable', `${file} ${read.message}`);
  return read;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BackupError('backup-unreadable', `${folder} cannot be read: ${messageOf(error)}`);
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new BackupError('backup-unreadable', `${file} cannot be read: ${messageOf(error)}`);
  }
}
