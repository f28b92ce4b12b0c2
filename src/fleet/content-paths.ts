import type { PathText } from '../xapi/path.ts';

/** What people and the record call a thing on a device that is no setting. */
export function panelPath(id: string): PathText {
  return `Panel[${id}]`;
}

export function deviceMacroPath(name: string): PathText {
  return `DeviceMacro[${name}]`;
}

export function brandingPath(type: string): PathText {
  return `Branding[${type}]`;
}

/** The first eight bytes tell certificates apart well enough for people. */
export function certificatePath(side: 'ca' | 'service', fingerprint: string): PathText {
  return `Certificate[${side} ${fingerprint.slice(0, 23)}…]`;
}

/** Which of the device's stores of certificates a path means, as commands name it; null for anything else. */
export function certificateStoreOf(path: PathText): PathText | null {
  if (path.startsWith('Certificate[ca ')) return 'Security.Certificates.CA';
  return path.startsWith('Certificate[service ') ? 'Security.Certificates.Services' : null;
}
