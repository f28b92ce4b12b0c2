import type { CommandResult } from '../xapi/device.ts';
import type { ListedBooking } from './event.ts';
import { inForm, NOBODY, type Privacy } from './identity-form.ts';
import { seriesOf } from './series.ts';

/**
 * The bookings in the answer of `Bookings List`, with as much of the organizer
 * as may be stored. Of titles no more is kept than what tells a series, where
 * that may be; agendas and numbers are not read. One without an id or readable
 * times is left out.
 */
export function readBookingList(result: CommandResult, privacy: Privacy): ListedBooking[] {
  return listed(result).flatMap((leaves) => bookingOf(leaves, privacy) ?? []);
}

/** The titles in the same answer, by the bookings' ids; for a look at this moment, never to be stored. */
export function readBookingTitles(result: CommandResult): ReadonlyMap<string, string> {
  return new Map(listed(result).map((leaves) => [leaves.get('Id') ?? '', leaves.get('Title') ?? '']));
}

function listed(result: CommandResult): ReadonlyMap<string, string>[] {
  const byIndex = new Map<string, Map<string, string>>();
  for (const [path, value] of result) {
    const match = /^Booking\[(\d+)\]\.(.+)$/.exec(path);
    if (match === null) continue;
    const [, index = '', name = ''] = match;
    const leaves = byIndex.get(index) ?? new Map<string, string>();
    leaves.set(name, value);
    byIndex.set(index, leaves);
  }
  return [...byIndex.values()];
}

function bookingOf(leaves: ReadonlyMap<string, string>, privacy: Privacy): ListedBooking | null {
  const id = leaves.get('Id') ?? '';
  const startAt = Date.parse(leaves.get('Time.StartTime') ?? '');
  const endAt = Date.parse(leaves.get('Time.EndTime') ?? '');
  if (id === '' || Number.isNaN(startAt) || Number.isNaN(endAt)) return null;
  const { value, form } = organizerOf(leaves, privacy);
  const title = leaves.get('Title') ?? '';
  const organizer = { email: leaves.get('Organizer.Email') ?? '', name: nameIn(leaves) };
  const series = seriesOf({ title, organizer }, privacy);
  return {
    id,
    meetingId: leaves.get('MeetingId') || null,
    startAt,
    endAt,
    organizer: value,
    organizerForm: form,
    ...(series === null ? {} : { series }),
  };
}

/** By e-mail address; where a device tells none, a name can be kept in full or hashed and has no domain. */
function organizerOf(leaves: ReadonlyMap<string, string>, { organizer, key }: Privacy) {
  if (organizer === 'none') return NOBODY;
  return inForm(leaves.get('Organizer.Email') || nameIn(leaves), organizer, key);
}

function nameIn(leaves: ReadonlyMap<string, string>): string {
  const names = [leaves.get('Organizer.FirstName'), leaves.get('Organizer.LastName')];
  return names.filter((part) => part !== undefined && part !== '').join(' ');
}
