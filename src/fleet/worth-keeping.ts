import { isWithin, type PathText } from '../xapi/path.ts';

/**
 * Settings that a team decides on, each with the reason why it stands in an
 * adopted file where nobody knows the device's defaults. The rest of a tree is
 * mostly what the factory set; `--all` writes it too. docs/adopting.md shows
 * this list.
 */
export const WORTH_KEEPING: readonly { readonly path: PathText; readonly reason: string }[] = [
  { path: 'Audio.DefaultVolume', reason: 'how loud a room is when people come in' },
  { path: 'Audio.SoundsAndAlerts', reason: 'what rings, and how loud' },
  { path: 'CallHistory', reason: 'whether calls are remembered' },
  { path: 'Conference', reason: 'how calls begin, end and are answered' },
  { path: 'FacilityService', reason: 'whom the help button calls' },
  { path: 'HttpClient', reason: 'what macros on the device may reach' },
  { path: 'HttpFeedback', reason: 'how the device posts to feedback slots' },
  { path: 'Logging', reason: 'where logs are sent' },
  { path: 'Macros', reason: 'whether macros run on the device' },
  {
    path: 'NetworkServices',
    reason: 'which services the device offers and asks: HTTPS, websocket, NTP, SNMP, SSH',
  },
  { path: 'Provisioning', reason: 'who else manages the device' },
  { path: 'Proximity', reason: 'whether phones and laptops find the device' },
  { path: 'RoomAnalytics', reason: 'whether presence and people are measured' },
  { path: 'RoomReset', reason: 'whether a room sets itself back' },
  { path: 'SIP', reason: 'where calls are registered' },
  { path: 'Standby', reason: 'when screens go dark' },
  { path: 'SystemUnit', reason: 'the name on the screen, crash reports' },
  { path: 'Time', reason: 'the clock on the screen' },
  { path: 'UserInterface', reason: 'language, wallpaper and what people may press' },
  { path: 'Video.DefaultMainSource', reason: 'what is shown first' },
  { path: 'Video.Monitors', reason: 'how many screens there are' },
  { path: 'Video.Selfview', reason: 'whether people see themselves' },
  { path: 'WebEngine', reason: 'whether the device shows web pages' },
];

/** Whether a setting stands in an adopted file although the default is not known. An empty text is nobody's decision. */
export function isWorthKeeping(path: PathText, value: string): boolean {
  return value !== '' && WORTH_KEEPING.some((entry) => isWithin(path, entry.path));
}
