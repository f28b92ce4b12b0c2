import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Device } from '../xapi/device.ts';
import type { OutputValues } from './condition.ts';
import type { Turn } from './turn.ts';

/** Where a run has come to: on which device, with what the steps before have told. */
export interface Place {
  readonly room: Room | null;
  readonly outputs: Map<string, OutputValues>;
  /** What it holds: devices on which no other macro acts meanwhile. */
  readonly turn: Turn;
  readonly signal: AbortSignal;
}

export interface Room {
  readonly device: Device;
  readonly desired: DesiredDevice;
  readonly ownCalls: string[];
}

/** Null for a place that is on no device. */
export function deviceOf({ room }: Place): string | null {
  return room?.desired.name ?? null;
}
