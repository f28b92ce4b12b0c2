import { isWithin, type PathText } from '../../xapi/path.ts';
import { certificateStoreOf } from '../content-paths.ts';

/**
 * Settings and stores of certificates whose change can keep roomd from ever reaching the device again,
 * each with its reason, the nearer before what it lies below. A rollout writes them only where the file names them
 * in `rollout.allowCutOff`, and then one device at a time.
 */
const CUT_OFF: readonly { readonly path: PathText; readonly reason: string }[] = [
  { path: 'Network', reason: 'addresses, VLAN and 802.1X: the device may leave the network' },
  { path: 'NetworkServices.HTTP', reason: 'roomd writes over HTTPS' },
  { path: 'NetworkServices.HTTPS', reason: 'roomd writes over HTTPS; its TLS decides who may connect' },
  { path: 'NetworkServices.Websocket', reason: 'roomd hears the device over it' },
  { path: 'NetworkServices.XMLAPI', reason: 'roomd writes over it' },
  { path: 'NetworkServices.SSH', reason: 'the way in for a person when the others are closed' },
  { path: 'NetworkServices.Wifi', reason: 'a device on Wi-Fi may leave the network' },
  { path: 'NetworkServices.CDP', reason: 'by it the device finds its VLAN' },
  { path: 'NetworkServices.LLDP', reason: 'by it the device finds its VLAN' },
  { path: 'NetworkServices.CommonName', reason: 'which name the device answers to' },
  { path: 'NetworkPort', reason: 'the port that the device is connected by' },
  { path: 'Security.Certificates.CA', reason: 'whom the device believes, roomd and its feedback included' },
  {
    path: 'Security.Certificates.Services',
    reason: 'what the device shows to whoever connects, and to the network under 802.1X',
  },
  { path: 'Security', reason: 'session limits and lock-out can shut out roomd itself' },
  { path: 'UserManagement', reason: 'who may log in, roomd included' },
  { path: 'Provisioning', reason: 'who else manages the device and may overwrite its accounts' },
  { path: 'SystemUnit.SignIn', reason: 'how one logs in' },
  { path: 'HttpFeedback', reason: 'its TLS decides whether feedback reaches roomd' },
  { path: 'HttpClient', reason: 'its TLS decides whether feedback reaches roomd' },
];

/** Why a change of this setting, or of such a certificate, can cut roomd off; null where it cannot. */
export function cutOffReason(changed: PathText): string | null {
  const path = certificateStoreOf(changed) ?? changed;
  return CUT_OFF.find((entry) => isWithin(path, entry.path))?.reason ?? null;
}

/** The same, where the file does not name the setting; the sentence says what to do. */
export function cutOffRefusal(changed: PathText, allowed: readonly PathText[]): string | null {
  const reason = cutOffReason(changed);
  const store = certificateStoreOf(changed);
  if (reason === null || allowed.some((one) => isWithin(store ?? changed, one))) return null;
  return `${changed} can cut roomd off (${reason}); name ${store ?? 'it'} under rollout.allowCutOff if it is meant, devices then go one at a time`;
}

/** What whoever is about to write these should know, a sentence each. */
export function cutOffHints(paths: readonly PathText[]): string[] {
  return paths.flatMap((path) => {
    const reason = cutOffReason(path);
    if (reason === null) return [];
    return `${path} can cut roomd off (${reason}); an apply writes it to every device at once, a rollout to one at a time`;
  });
}
