import type { Action } from './action.ts';
import { acknowledgeAlert, listAlerts, showOneAlert } from './alerts.ts';
import { apply } from './apply.ts';
import { getDevice, listDevices } from './devices.ts';
import { diffAt } from './diff-at.ts';
import { listEvents } from './events.ts';
import { history } from './history.ts';
import { listHolds, placeHold, releaseHold } from './hold.ts';
import { lint } from './lint.ts';
import { listMacros, listRuns, runMacro } from './macros.ts';
import { endMaintenance, listMaintenance, startMaintenance } from './maintenance.ts';
import { plan } from './plan.ts';
import { presenceNow, presencePast } from './presence.ts';
import { planRestore, restore } from './restore.ts';
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  resumeRollout,
  revertRollout,
  rolloutStatus,
  startRollout,
} from './rollout.ts';
import { listSchemas, schemaImport } from './schema-import.ts';
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
  lint,
  listSchemas,
  schemaImport,
  apply,
  startRollout,
  rolloutStatus,
  approveRollout,
  pauseRollout,
  resumeRollout,
  abortRollout,
  revertRollout,
  listAlerts,
  showOneAlert,
  acknowledgeAlert,
  listMaintenance,
  startMaintenance,
  endMaintenance,
  listHolds,
  placeHold,
  releaseHold,
  listMacros,
  listRuns,
  runMacro,
  listEvents,
  history,
  diffAt,
  planRestore,
  restore,
];
