import { type PathText, parsePath } from '../xapi/path.ts';

/**
 * The settings whose values never print: those whose last name is one of
 * these. The vendor's schemas 9.15, 11.27 and 26.4 hold Password (H323, SIP,
 * proxy, SMTP, IEEE8021X, provisioning, AirPlay), BindPassword (LDAP), the
 * keys of the NTP servers and the SNMP CommunityName; the others are for
 * settings that other versions may have. `KeyId`, `KeySize`, `PasswordPolicy`
 * and their like are no secrets: only the last name counts, and as a whole.
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'password',
  'bindpassword',
  'passphrase',
  'sharedsecret',
  'secret',
  'presharedkey',
  'privatekey',
  'apikey',
  'token',
  'accesstoken',
  'communityname',
  'pin',
]);

const SECRET_PATH = /^networkservices\.ntp\.server(\[\d+\])?\.key$/i;

/** Whether the value at a configuration path is a secret. */
export function isSecretPath(path: PathText): boolean {
  const last = parsePath(path).at(-1);
  if (last === undefined) return false;
  // GPIO.Pin[1] is a pin of the other kind, and no leaf.
  return (last.index === null && SECRET_NAMES.has(last.name.toLowerCase())) || SECRET_PATH.test(path);
}
