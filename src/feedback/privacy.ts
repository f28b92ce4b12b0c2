import { isSecretPath } from '../fleet/secret-paths.ts';
import type { TreeName } from '../xapi/device.ts';
import { isWithin, type PathText } from '../xapi/path.ts';
import { keptRemote, type Privacy } from './identity-form.ts';

/**
 * A leaf as it may be stored, path and value; null where it may not. The
 * address of a call's other party becomes what `privacy:` allows, under
 * another name, and its secrets and everything else that names people never pass.
 */
export function storedLeaf(
  tree: TreeName,
  path: PathText,
  value: string,
  privacy: Privacy,
): readonly [PathText, string] | null {
  if (!isIdentity(tree, path)) return [path, value];
  if (privacy.remote === 'none' || tree === 'Configuration') return null;
  const end = path.lastIndexOf('.');
  if (!REMOTE_NAMES.has(path.slice(end + 1).toLowerCase()) || !CALLS.test(path)) return null;
  const kept = keptRemote(value, privacy);
  return kept === null ? null : [`${path.slice(0, end)}.${kept[0]}`, kept[1]];
}

/** Leaves that hold the address of the other party, and where they count as such. */
const REMOTE_NAMES: ReadonlySet<string> = new Set(['remoteuri', 'remotenumber', 'callbacknumber']);
const CALLS = /^(?:Call\[\d+\]|CallDisconnect|CallSuccessful|IncomingCallIndication)\./i;

/**
 * Whether a leaf tells who someone is, whom they call or what they wrote, or
 * holds a secret setting.
 * Such leaves are dropped before anything is stored; the device's own names
 * stay. Names are those of the 26.4.1 schema and of the recorded call events
 * (CallDisconnect, IncomingCallIndication).
 */
export function isIdentity(tree: TreeName, path: PathText): boolean {
  const name = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  if (IDENTITY_NAMES.has(name)) return !isWithin(path, 'SystemUnit.Software');
  if (tree === 'Configuration' && isSecretPath(path)) return true;
  const near = IDENTITY_TREES.get(firstName(path));
  return near?.some((ancestor) => isWithin(path, ancestor)) === true && !HARMLESS_NAMES.has(name);
}

const IDENTITY_NAMES: ReadonlySet<string> = new Set([
  'callbacknumber',
  'displayname',
  'displaynamevalue',
  'email',
  'initiatorname',
  'lastloggedinuserid',
  'organizeremail',
  'organizerid',
  'organizername',
  'personid',
  'remotenumber',
  'remoteuri',
  'requestedby',
  'requestednumber',
  'requesteduri',
  'trackingdata',
  'uri',
  'username',
]);

/** Places whose every leaf may name or quote someone. */
const IDENTITY_TREES = byFirstName([
  'Bluetooth.Streaming.Title',
  'Bookings.BookingCreated.Title',
  'Bookings.BookingRequested.Title',
  'CallHistory',
  'Conference.EndToEndEncryption',
  'Conference.ParticipantList',
  'FarEndMessage',
  'ICE',
  'SIP.CallForward',
  'SIP.Mailbox',
  'UserInterface.ContactInfo',
  'UserInterface.Message.TextInput',
  'UserInterface.WebView',
  'UserManagement',
  'UserPresence',
  'Webex.Services.UserPresence',
]);

/** What joins such an event to others and says nothing of anyone. */
const HARMLESS_NAMES: ReadonlySet<string> = new Set([
  'callid',
  'feedbackid',
  'peripheralid',
  'status',
  'type',
]);

/** Every leaf that is stored is asked, so only places that begin alike are compared. */
function byFirstName(paths: readonly PathText[]): ReadonlyMap<string, readonly PathText[]> {
  const byName = new Map<string, PathText[]>();
  for (const path of paths) byName.set(firstName(path), [...(byName.get(firstName(path)) ?? []), path]);
  return byName;
}

function firstName(path: PathText): string {
  return path.slice(0, path.search(/[.[]|$/)).toLowerCase();
}
