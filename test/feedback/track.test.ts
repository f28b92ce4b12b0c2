import { describe, expect, it } from 'vitest';
import { heardReading, heardSession, heardSlot, newTrack, type Track } from '../../src/feedback/track.ts';
import type { SessionState } from '../../src/xapi/device.ts';

const READ_AT = 2_000;

/** A device that was heard over its session and its slot, with somebody present. */
function heard(): Track {
  const up = heardSession(newTrack(0), told('up'), 1_000).track;
  const slot = heardSlot(up, true, 1_500).track;
  const leaves = { 'RoomAnalytics.PeoplePresence': 'Yes' };
  const reading = { at: READ_AT, source: 'session', conclusive: true, isFirst: true } as const;
  return heardReading(slot, leaves, reading).track;
}

function told(state: SessionState) {
  return { state, since: 0, reason: state === 'up' ? null : `it is ${state}`, errorCode: null };
}

describe('a session that ends while the slot is healthy', () => {
  it('is no gap where the device is merely out of reach: its posts may still come', () => {
    const { track } = heardSession(heard(), told('waiting'), 9_000);
    expect(track).toMatchObject({ presence: 'yes', isLost: false, slot: { isHealthy: true } });
  });

  it.each(['swapped', 'certificate-changed'] as const)(
    'is one from the last confirmation on where it is %s: nobody knows who posts',
    (state) => {
      const away = heardSession(heard(), told('waiting'), 9_000).track;
      const { track, events } = heardSession(away, told(state), 10_000);
      expect(track).toMatchObject({ presence: 'unknown', isLost: true, slot: { isHealthy: false } });
      const gap = events.find(({ event }) => event.kind === 'gap')?.event;
      expect(gap?.payload).toMatchObject({ from: READ_AT, to: null, reason: `it is ${state}` });
    },
  );
});
