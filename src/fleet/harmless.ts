import { isWithin, type PathText } from '../xapi/path.ts';

/**
 * Settings that nobody in a room can notice when they change, each with its
 * reason. Everything that is not listed waits until the room is free.
 */
const HARMLESS: readonly { readonly path: PathText; readonly reason: string }[] = [
  { path: 'RoomAnalytics', reason: 'measures; shows and plays nothing' },
  { path: 'Audio.DefaultVolume', reason: 'takes effect at the next restart only' },
  { path: 'Logging', reason: 'where logs are sent' },
  { path: 'NetworkServices.NTP', reason: 'where the time comes from' },
  { path: 'NetworkServices.SNMP', reason: 'read by monitoring only' },
  { path: 'HttpFeedback', reason: 'how the device posts to its feedback slots' },
  { path: 'SystemUnit.CrashReporting', reason: 'what is sent after a crash' },
  { path: 'SystemUnit.Notifications', reason: 'what is sent to administrators' },
];

/** Why a change of this setting goes unnoticed, or null where it may be noticed. */
export function harmlessReason(path: PathText): string | null {
  return HARMLESS.find((entry) => isWithin(path, entry.path))?.reason ?? null;
}
