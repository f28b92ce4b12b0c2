import type { Action } from './action.ts';
import { apply } from './apply.ts';
import { getDevice, listDevices } from './devices.ts';
import { listEvents } from './events.ts';
import { listHolds, placeHold, releaseHold } from './hold.ts';
import { listMacros, listRuns, runMacro } from './macros.ts';
import { plan } from './plan.ts';
import { presenceNow, presencePast } from './presence.ts';
import { reload, system } from './system.ts';
import { trust } from './trust.ts';

/** Every verb of roomd. */
export const actions: readonly Action[] = [
  system,
  reload,
  listDevices,
  getDevice,
  trust,
  presenceNow,
  presencePast,
  plan,
  apply,
  listHolds,
  placeHold,
  releaseHold,
  listMacros,
  listRuns,
  runMacro,
  listEvents,
];
