import { BookingReader } from '../feedback/booking-reader.ts';
import type { Live } from '../feedback/live.ts';
import { Receiver } from '../feedback/receiver.ts';
import { Recorder } from '../feedback/recorder.ts';
import { Sweeper } from '../feedback/sweeper.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { Engine } from './engine.ts';
import type { SlotDesk } from './slots.ts';

interface EarModules {
  readonly engine: Engine;
  readonly slots: SlotDesk;
  /** Has the reconciler look at a device. */
  readonly lookAt: (deviceId: number) => void;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Without a session, a slot that neither post nor look confirms is believed no longer than this: the device may be off. */
const SLOT_TRUST_MS = 120_000;

/** What hears the devices: the webhooks' receiver, the recorder of all that is heard, and the sweeper that reads again where they disagree. */
export function makeEars(live: Live, { engine, slots, lookAt, clock, logger, registry }: EarModules) {
  const { database, devices } = engine;
  const { timing, feedback } = engine.fleet.daemon;
  const recorder: Recorder = new Recorder(
    {
      slotTrustMs: Math.min(timing.slotCheckMs * 2, SLOT_TRUST_MS),
      postGraceMs: timing.pingMs * 2,
      onConfiguration: (deviceId, delta) => {
        engine.live?.heardByPost(deviceId, delta);
        lookAt(deviceId);
      },
      onSlotDoubt: lookAt,
      onDoubt: (deviceId) => sweeper.doubt(deviceId),
    },
    { database, clock, live, logger },
  );
  const sweeper: Sweeper = new Sweeper(
    { sweepMs: timing.sweepMs },
    {
      devices: () => devices.all(),
      reading: (deviceId, status, reading) => recorder.reading(deviceId, status, reading),
      clock,
      logger,
    },
  );
  const bookings = new BookingReader(
    { everyMs: timing.sweepMs },
    {
      listed: (deviceId, payload) => recorder.listed(deviceId, payload),
      privacy: () => recorder.privacy,
      clock,
    },
  );
  const receiver = new Receiver(
    { listen: feedback.listen, tls: feedback.tls, rate: { perSecond: feedback.postsPerSecond } },
    {
      sink: recorder,
      serialOf: (id) => devices.byId(id)?.address.serial ?? null,
      onFlood: (deviceId, isHeldBack) => {
        recorder.flooded(deviceId, isHeldBack);
        logger.warn(
          { device: devices.byId(deviceId)?.address.name, perSecond: feedback.postsPerSecond },
          isHeldBack
            ? 'A device posts too fast and is held back'
            : 'A device that was held back posts no longer too fast',
        );
      },
      onTaken: (deviceId, token) => slots.posted(deviceId, token),
      registry,
      clock,
      logger,
    },
  );
  return { recorder, sweeper, bookings, receiver };
}
