import { xmlPost } from '../feedback/posts.ts';

/** The serial number in every post, which is the one the devices are bound to. */
export const SERIAL = 'FTT1';

export function tokenOf(deviceId: number): string {
  return `token-of-device-${deviceId}-as-long-as-a-real-one`;
}

/** What changes in a room in the course of a day, one leaf a post as devices send it. */
const LEAVES = [
  '<RoomAnalytics><PeopleCount><Current>3</Current></PeopleCount></RoomAnalytics>',
  '<RoomAnalytics><PeoplePresence>Yes</PeoplePresence></RoomAnalytics>',
  '<RoomAnalytics><PeopleCount><Current>4</Current></PeopleCount></RoomAnalytics>',
  '<Call item="12"><Status>Connected</Status></Call>',
  '<RoomAnalytics><PeopleCount><Current>2</Current></PeopleCount></RoomAnalytics>',
  '<RoomAnalytics><PeoplePresence>No</PeoplePresence></RoomAnalytics>',
  '<Call item="12"><Duration>118</Duration></Call>',
];

const BODIES = LEAVES.map((leaf) => xmlPost('Status', leaf, SERIAL));

export function postOf(at: number): string {
  return BODIES[at % BODIES.length] ?? '';
}
