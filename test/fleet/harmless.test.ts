import { expect, it } from 'vitest';
import { harmlessReason } from '../../src/fleet/harmless.ts';

it('says why nobody notices a setting that is listed, below the listed branch too', () => {
  expect(harmlessReason('RoomAnalytics.PeopleCountOutOfCall')).toBe('measures; shows and plays nothing');
  expect(harmlessReason('networkservices.ntp.server[1].address')).toBe('where the time comes from');
});

it('takes everything else to be noticeable, also what only begins alike', () => {
  for (const path of [
    'Standby.Control',
    'LoggingLevel',
    'NetworkServices.HTTP.Mode',
    'Audio',
    'Audio.Volume',
  ])
    expect(harmlessReason(path)).toBeNull();
});
