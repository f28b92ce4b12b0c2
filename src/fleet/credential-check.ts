import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredDevice } from './fleet.ts';
import type { Problem } from './problem.ts';
import type { FileContents } from './read-contents.ts';
import { hasControlCharacter } from './schema-forms.ts';
import type { Secrets } from './secrets.ts';

/** `UserManagement User Passphrase Change` takes no more, in bytes (vendor schemas 9.15, 11.27, 26.4). */
const LONGEST_PASSPHRASE_BYTES = 255;

/** What is wrong with the secrets that are to replace passwords; null devices: not all are known. */
export function checkNext(
  yaml: YamlFile,
  {
    contents,
    secrets,
    devices,
  }: { contents: FileContents; secrets: Secrets; devices: readonly DesiredDevice[] | null },
): Problem[] {
  return [...contents.credentials].flatMap(([name, { path, value }]) => {
    if (value.next === undefined) return [];
    const where = [...path, 'next'];
    const next = secrets.get(value.next).reveal();
    // A secret that is missing has been reported.
    const wrong = next === '' ? null : wrongWith(next, secrets.get(value.password).reveal());
    if (wrong !== null) return [yaml.error(where, wrong)];
    if (devices === null || devices.some(({ credential }) => credential === name)) return [];
    return [
      yaml.warning(where, `no device logs in with "${name}", so there is nothing that next could replace.`),
    ];
  });
}

function wrongWith(next: string, password: string): string | null {
  if (next === password)
    return 'next is the same secret as password, so there is nothing to rotate; provide a new one, or take next out.';
  const bytes = Buffer.byteLength(next, 'utf8');
  if (bytes > LONGEST_PASSPHRASE_BYTES)
    return `next has ${bytes} bytes, and a device takes at most ${LONGEST_PASSPHRASE_BYTES}; provide a shorter one.`;
  if (hasControlCharacter(next))
    return 'next holds a control character or a line break, which no device takes; provide it on one line.';
  return null;
}
