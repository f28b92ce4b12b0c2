import { describe, expect, test } from 'vitest';
import { readBookingList } from '../../src/feedback/booking-list.ts';
import { eventsOf } from '../../src/feedback/event.ts';
import { inForm, NO_IDENTITIES, type Privacy } from '../../src/feedback/identity-form.ts';

const KEY = 'a key of this installation';

describe('an address', () => {
  test('is kept as far as its form lets it', () => {
    const address = 'sip:Ann.Berg@Example.com';
    expect(inForm(address, 'none', KEY)).toEqual({ value: null, form: 'none' });
    expect(inForm(address, 'domain', KEY)).toEqual({ value: 'example.com', form: 'domain' });
    expect(inForm(address, 'full', KEY)).toEqual({ value: address, form: 'full' });
    expect(inForm('+4722000000', 'domain', KEY)).toEqual({ value: null, form: 'none' });
    expect(inForm('sip:ann@example.com:5060;transport=tls', 'domain', KEY).value).toBe('example.com');
  });

  test('is hashed with the key of the installation, the same however it is written', () => {
    const { value } = inForm('sip:ann@example.com', 'hashed', KEY);
    expect(value).toMatch(/^[0-9a-f]{20}$/);
    expect(inForm('SIPS:Ann@Example.com ', 'hashed', KEY).value).toBe(value);
    expect(inForm('sip:ben@example.com', 'hashed', KEY).value).not.toBe(value);
    expect(inForm('sip:ann@example.com', 'hashed', 'another key').value).not.toBe(value);
  });
});

describe('an event', () => {
  const delta = {
    tree: 'Event',
    leaves: new Map([
      ['CallDisconnect.CallId', '8'],
      ['CallDisconnect.RemoteURI', 'sip:ann@example.com'],
      ['CallDisconnect.DisplayName', 'Ann Berg'],
      ['CallDisconnect.RequestedURI', 'ann@example.com'],
    ]),
    gone: [],
    bare: new Map(),
  } as const;
  const argumentsUnder = (privacy: Privacy) => eventsOf(delta, privacy)[0]?.payload;

  test('holds of the other party what is allowed, under a name that says in which form', () => {
    const allowed = (remote: Privacy['remote']) =>
      argumentsUnder({ remote, organizer: 'none', series: 'none', key: KEY });
    expect(argumentsUnder(NO_IDENTITIES)).toMatchObject({ arguments: { CallId: '8' } });
    expect(allowed('domain')).toMatchObject({ arguments: { CallId: '8', RemoteDomain: 'example.com' } });
    expect(allowed('hashed')).toMatchObject({ arguments: { RemoteHash: expect.stringMatching(/^\w{20}$/) } });
    expect(allowed('full')).toMatchObject({ arguments: { RemoteAddress: 'sip:ann@example.com' } });
    for (const form of ['none', 'domain', 'hashed'] as const)
      expect(JSON.stringify(allowed(form))).not.toMatch(/ann@|Ann Berg/);
    expect(JSON.stringify(allowed('full'))).not.toContain('Ann Berg');
  });

  test('of another kind keeps nobody, whatever is allowed of calls', () => {
    const signedIn = {
      tree: 'Status',
      leaves: new Map([['SystemUnit.LastLoggedInUserId', 'ann@example.com']]),
      gone: [],
      bare: new Map(),
    } as const;
    expect(eventsOf(signedIn, { remote: 'full', organizer: 'full', series: 'none', key: KEY })).toEqual([]);
  });
});

describe('a list of bookings', () => {
  const result = new Map([
    ['Booking[1].Id', '7'],
    ['Booking[1].MeetingId', 'm7'],
    ['Booking[1].Title', 'Salaries'],
    ['Booking[1].Organizer.Email', 'ann@example.com'],
    ['Booking[1].Organizer.FirstName', 'Ann'],
    ['Booking[1].Time.StartTime', '2026-03-01T08:00:00Z'],
    ['Booking[1].Time.EndTime', '2026-03-01T09:00:00Z'],
    ['Booking[2].Id', '8'],
    ['Booking[2].Time.StartTime', 'soon'],
  ]);

  test('is read without titles and without who booked, unless that is allowed', () => {
    const [only, ...others] = readBookingList(result, NO_IDENTITIES);
    expect(only).toEqual({
      id: '7',
      meetingId: 'm7',
      startAt: Date.UTC(2026, 2, 1, 8),
      endAt: Date.UTC(2026, 2, 1, 9),
      organizer: null,
      organizerForm: 'none',
    });
    expect(others).toEqual([]);
    const hashed = { ...NO_IDENTITIES, series: 'hashed', key: KEY } as const;
    const seriesIn = (changes: Readonly<Record<string, string>>, privacy: Privacy = hashed) => {
      const changed = Object.entries(changes).map(([name, value]) => [`Booking[1].${name}`, value] as const);
      return readBookingList(new Map([...result, ...changed]), privacy)[0]?.series;
    };
    expect(seriesIn({})).toMatch(/^[0-9a-f]{20}$/);
    expect(seriesIn({ Title: ' SALARIES ', Id: '9', 'Organizer.Email': 'Ann@example.com' })).toBe(
      seriesIn({}),
    );
    expect(seriesIn({ Title: 'Wages' })).not.toBe(seriesIn({}));
    expect(seriesIn({}, { ...hashed, key: 'other' })).not.toBe(seriesIn({}));
    for (const unknown of [
      { Title: '' },
      { Title: 'Ann' },
      { 'Organizer.Email': '', 'Organizer.FirstName': '' },
    ])
      expect(seriesIn(unknown)).toBeUndefined();
    const [told] = readBookingList(result, { remote: 'none', organizer: 'domain', series: 'none', key: KEY });
    expect(told).toMatchObject({ organizer: 'example.com', organizerForm: 'domain' });
  });
});
