import type { Compilable } from 'kysely';
import type { LiveState } from '../feedback/live.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Message, Notifier } from '../notify/notifier.ts';
import type { Device } from '../xapi/device.ts';
import type { CertificateFacts, DeviceFacts, FleetFacts } from './facts.ts';

/** What alerts need of the rest of roomd; bound in `daemon`. */
export interface AlertPorts {
  fleet(): Fleet;
  /** Every device that roomd keeps a session to. */
  devices(): readonly Device[];
  /** roomd's own id of a device of the file; null before it is known. */
  deviceId(name: string): number | null;
  slot(device: DesiredDevice): DeviceFacts['slot'];
  room(deviceId: number): LiveState | null;
  fights(deviceId: number): DeviceFacts['fights'];
  /** The file turns the presence detector on and the device was seen to have it so. */
  detects(device: DesiredDevice): boolean;
  /** The names of the file's macros. */
  macros(): ReadonlySet<string>;
  /** Why the database cannot be relied on; null while it can. */
  database(): string | null;
  webex(): FleetFacts['webex'];
  /** roomd's own certificates. */
  certificates(): readonly CertificateFacts[];
  notifiers(): readonly Notifier[];
  /** Statements that put a message into the outbox, for a transaction of one's own; `wake` afterwards. */
  enqueue(notifier: string, message: Message): readonly Compilable[];
  wake(): void;
}
