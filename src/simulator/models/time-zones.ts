/** Names that RoomOS takes and that the runtime's list, which keeps one older name per zone, may lack. */
const MODERN_NAMES = [
  'America/Argentina/Buenos_Aires',
  'Asia/Ho_Chi_Minh',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Yangon',
  'Etc/UTC',
  'Europe/Kyiv',
];

/** The time zones that a built-in device knows: the tz database's, sorted. */
export function timeZones(): string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), ...MODERN_NAMES])]
    .filter((zone) => zone.includes('/'))
    .sort();
}
