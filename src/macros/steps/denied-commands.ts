import { isWithin, type PathText } from '../../xapi/path.ts';

/** Commands that macros do not run unless `commands.allow` lists them, each with the reason. What lies below is meant too. */
const DENIED: readonly (readonly [path: PathText, why: string])[] = [
  ['SystemUnit.FactoryReset', 'it erases the device'],
  ['SystemUnit.Boot', 'it restarts the device, whatever goes on in the room; the reboot step asks first'],
  ['SystemUnit.SoftwareUpgrade', 'it changes the software'],
  ['SystemUnit.SoftwareRestore', 'it changes the software'],
  ['SystemUnit.OptionKey', 'it changes what the device is licensed for'],
  ['SystemUnit.DeveloperPreview', 'it changes the software'],
  ['UserManagement', 'it changes who may sign in'],
  ['Security', 'it changes certificates and sessions'],
  ['Provisioning', 'it changes whom the device belongs to'],
  ['Webex.Registration', 'it changes whom the device belongs to'],
  ['Macros', 'it changes the programs that run on the device'],
  ['UserInterface.Branding', 'it changes what every visitor sees'],
  ['UserInterface.Extensions.Panel.Save', 'panels are the fleet file’s to keep'],
  ['UserInterface.Extensions.Panel.Remove', 'panels are the fleet file’s to keep'],
  ['UserInterface.Extensions.Set', 'it replaces every panel'],
  ['UserInterface.Extensions.Clear', 'it removes every panel'],
  ['HttpFeedback', 'roomd itself listens through it'],
  ['HttpClient', 'it makes the device speak to strangers'],
  ['Network', 'it can cut the device off'],
  ['NetworkServices', 'it can cut the device off'],
  ['Time', 'it changes the device’s clock'],
  ['Logging', 'it can send logs elsewhere'],
  ['Diagnostics', 'it can send recordings and logs elsewhere'],
  ['Bookings.Put', 'it replaces the room’s bookings'],
  ['Bookings.Clear', 'it removes the room’s bookings'],
  ['Peripherals.Pairing', 'it changes which devices are trusted'],
  ['Dial', 'a call that a machine starts needs the countdown and the mutes of the dial step'],
  ['Webex.Meetings', 'a meeting that a machine starts would listen in'],
  ['Conference.Recording', 'it records people'],
  ['RemoteAccess', 'it lets strangers in or out'],
  ['Call.Resume', 'a call that a machine resumes would listen in'],
  ['Call.Accept', 'a call that a machine answers needs the countdown and the mutes of the answer step'],
  ['Call.Join', 'a call that a machine joins would listen in'],
  ['Webex.Join', 'a meeting that a machine joins needs the countdown and the mutes of the join step'],
  ['MicrosoftTeams.Join', 'a call that a machine joins would listen in'],
  ['WebRTC.Join', 'a call that a machine joins would listen in'],
  ['Zoom.Join', 'a call that a machine joins would listen in'],
  ['Audio.Microphones.Unmute', 'only people open microphones'],
  ['Audio.Microphones.ToggleMute', 'only people open microphones'],
  ['Video.Input.MainVideo.Unmute', 'only people open the camera'],
];

/** Words that make a command one of these wherever in the tree it stands (`Peripherals.UserManagement…`). */
const DENIED_ANYWHERE: Readonly<Record<string, string>> = {
  usermanagement: 'it changes who may sign in',
  security: 'it changes certificates and sessions',
  pairing: 'it changes which devices are trusted',
  provisioning: 'it changes whom the device belongs to',
  registration: 'it changes whom the device belongs to',
};

/** Last words that do, whatever comes before (`Camera.FactoryReset`, `Zoom.Join`). */
const DENIED_LAST: Readonly<Record<string, string>> = {
  factoryreset: 'it erases what it names',
  softreset: 'it resets what it names',
  reset: 'it resets what it names',
  boot: 'it restarts what it names, whatever goes on in the room',
  join: 'a call that a machine joins would listen in',
  accept: 'a call that a machine answers would listen in',
  unmute: 'only people open microphones and cameras',
  togglemute: 'only people open microphones and cameras',
};

/** Why a macro may not run this command, or null where it may. An allowed path opens what lies below it. */
export function whyDenied(path: PathText, allow: readonly PathText[]): string | null {
  // Devices may take an index where there is only one, so it must not hide a name.
  const named = path.replaceAll(/\[\d+\]/g, '');
  if (allow.some((open) => isWithin(named, open))) return null;
  const denied = DENIED.find(([prefix]) => isWithin(named, prefix));
  if (denied !== undefined) return denied[1];
  const words = named.toLowerCase().split('.');
  const anywhere = words.find((word) => Object.hasOwn(DENIED_ANYWHERE, word));
  return DENIED_ANYWHERE[anywhere ?? ''] ?? DENIED_LAST[words.at(-1) ?? ''] ?? null;
}
