import { createHash } from 'node:crypto';
import { EXIT, ExitError } from '../exit-code.ts';

/** Where this installation has what the unit names. */
export interface Installation {
  /** The program of Node. */
  readonly node: string;
  /** The folder with package.json. */
  readonly root: string;
  /** The fleet file that the service reads. */
  readonly fleetFile: string;
}

const AS_SHIPPED: Installation = {
  node: '/usr/bin/node',
  root: '/usr/lib/node_modules/roomd',
  fleetFile: '/etc/roomd/fleet.yaml',
};

const MARK = '# Written by roomd service install, digest ';

/**
 * The unit as it is shipped, with the paths of this installation, and a first
 * line by which a later install knows whether somebody has changed it.
 * @throws ExitError where a path cannot stand in a unit
 */
export function unitFor(shipped: string, installation: Installation): string {
  for (const path of Object.values(installation)) refuseUnwritable(path);
  const text = shipped
    .replaceAll(`${AS_SHIPPED.node} `, `${installation.node} `)
    .replaceAll(AS_SHIPPED.root, installation.root)
    .replaceAll(AS_SHIPPED.fleetFile, installation.fleetFile);
  return `${MARK}${digestOf(text)}\n${text}`;
}

/** Whether it is as some version of roomd wrote it. */
export function isUntouched(unit: string): boolean {
  const end = unit.indexOf('\n');
  return unit.startsWith(MARK) && unit.slice(MARK.length, end) === digestOf(unit.slice(end + 1));
}

/** Why the service could not start from where this is installed: the unit hides homes and has a /tmp of its own. */
export function whyUnreachable({ node, root }: Installation): string | null {
  const hidden = [node, root].find((path) => /^\/(home|root|run\/user|tmp|var\/tmp)\//.test(path));
  if (hidden === undefined) return null;
  return `${hidden} is where the service cannot look (ProtectHome, PrivateTmp): install Node and roomd for the whole machine, such as with sudo npm install -g`;
}

function refuseUnwritable(path: string): void {
  if (/[\s"'\\%$]/.test(path))
    throw new ExitError(EXIT.failed, `${path} has a character that a systemd unit reads as its own`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
