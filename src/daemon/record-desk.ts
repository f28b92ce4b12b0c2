import type { RecordPorts } from '../actions/ports/records.ts';
import type { BookingReader } from '../feedback/booking-reader.ts';
import { countErasure, erase, resumeErasures } from '../feedback/erase.ts';
import type { Projector } from '../feedback/projector.ts';
import type { Recorder } from '../feedback/recorder.ts';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { NewId } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';

interface Collaborators {
  readonly database: Database;
  readonly projector: Projector;
  /** Who hears the devices and tells anew what stands; absent where nobody does. */
  readonly ears?: { readonly recorder: Recorder; readonly bookings: BookingReader };
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Erases records and makes them again; starts after the projector, before devices are heard. */
export class RecordDesk implements Part, RecordPorts {
  readonly name = 'record desk';
  readonly #collaborators: Collaborators;

  constructor(collaborators: Collaborators) {
    this.#collaborators = collaborators;
  }

  /** Goes on with erasures that a kill cut off. */
  async start(): Promise<void> {
    const { database, projector, clock } = this.#collaborators;
    await resumeErasures({ database, projector, now: clock.now() });
  }

  async stop(): Promise<void> {}

  count: RecordPorts['count'] = (span, options) => countErasure(this.#collaborators.database, span, options);

  erase: RecordPorts['erase'] = async (span, actor, options) => {
    const { database, projector, ears, clock, newId } = this.#collaborators;
    const now = clock.now();
    const counts = await erase({ ...span, id: newId(), actor }, { database, projector, now }, options);
    // What stands now was told within the time that is erased, so it has to be told again.
    ears?.recorder.erased(span.deviceId);
    ears?.bookings.renew(span.deviceId);
    return counts;
  };

  rebuild: RecordPorts['rebuild'] = (what) => this.#collaborators.projector.rebuild(what);
}
