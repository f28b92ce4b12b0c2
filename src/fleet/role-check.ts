import { accountOf, mayDo } from './account-role.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DesiredDevice, Fleet } from './fleet.ts';
import type { Problem } from './problem.ts';
import type { FileContents } from './read-contents.ts';

const MOST_NAMED = 2;

/**
 * What an account is asked to write that only an administrator's may: settings
 * go by putxml, which takes the role Admin (vendor's guide), and so do feedback
 * slots, panels, device macros, branding and certificates over it. One warning
 * for each account; a fleet that is only looked at gets none.
 */
export function checkRoles(yaml: YamlFile, { credentials }: FileContents, fleet: Fleet): Problem[] {
  return [...credentials].flatMap(([name, { path }]) => {
    const devices = fleet.devices.filter(({ credential }) => credential === name);
    const [first] = devices;
    if (first === undefined || mayDo(accountOf(first), ['Admin'])) return [];
    const asked = devices.map((device) => ({ name: device.name, kinds: kindsOf(device, fleet) }));
    const concerned = asked.filter(({ kinds }) => kinds.length > 0);
    if (concerned.length === 0) return [];
    const kinds = [...new Set(concerned.flatMap((device) => device.kinds))];
    return [
      yaml.warning(
        [...path, 'role'],
        `as ${accountOf(first).roles.join(' and ')} this account may not write ${listed(kinds)} of ${someOf(concerned)}: that takes Admin, so roomd can only look. ` +
          'Give it that role on the devices and write "role: admin".',
      ),
    ];
  });
}

/** What the file would have written to a device. */
function kindsOf({ configuration, feedback, content }: DesiredDevice, { daemon }: Fleet): string[] {
  const hasSlot =
    feedback.expressions.length > 0 && daemon.mode === 'enforce' && daemon.feedback.publicUrl !== null;
  return [
    ...(configuration.size > 0 ? ['settings'] : []),
    ...(hasSlot ? ['feedback slots'] : []),
    ...((content?.panels.length ?? 0) > 0 ? ['panels'] : []),
    ...((content?.deviceMacros.length ?? 0) > 0 ? ['device macros'] : []),
    ...((content?.branding.length ?? 0) > 0 ? ['branding'] : []),
    ...((content?.certificates.length ?? 0) > 0 ? ['certificates'] : []),
  ];
}

function someOf(devices: readonly { readonly name: string }[]): string {
  const named = devices.slice(0, MOST_NAMED).map(({ name }) => name);
  const rest = devices.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(' and ');
}

function listed(kinds: readonly string[]): string {
  const last = kinds.at(-1) ?? '';
  return kinds.length === 1 ? last : `${kinds.slice(0, -1).join(', ')} or ${last}`;
}
