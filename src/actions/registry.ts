import { account } from './account.ts';
import type { Action } from './action.ts';
import { apply } from './apply.ts';
import { backupStatus } from './backups.ts';
import { deviceLog } from './device-log.ts';
import { getDevice, listDevices } from './devices.ts';
import { diffAt } from './diff-at.ts';
import { listEvents } from './events.ts';
import { history } from './history.ts';
import { listHolds, placeHold, releaseHold } from './hold.ts';
import { lint } from './lint.ts';
import { listMacros, listRuns, runMacro } from './macros.ts';
import { plan } from './plan.ts';
import { presenceNow, presencePast } from './presence.ts';
import { lookBeforeReplace, replace } from './replace.ts';
import { planRestore, restore } from './restore.ts';
import { planRetire, retire, undoRetire } from './retire.ts';
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  resumeRollout,
  revertRollout,
  rolloutStatus,
  startRollout,
} from './rollout.ts';
import {
  abortRotation,
  pauseRotation,
  previewRotation,
  resumeRotation,
  rotationStatus,
  startRotation,
} from './rotation.ts';
import { listSchemas, schemaImport } from './schema-import.ts';
import { deviceSessions, listSessions } from './sessions.ts';
import { listSlots, rotateSlots } from './slots.ts';
import { reload, system } from './system.ts';
import { lookBeforeTrust, trust } from './trust.ts';
import {
  abortUpgrade,
  pauseUpgrade,
  planUpgrades,
  resumeUpgrade,
  startUpgrade,
  upgradeStatus,
} from './upgrade.ts';
import { webSessions } from './web-sessions.ts';

/** Every verb of roomd. */
export const actions: readonly Action[] = [
  system,
  reload,
  listDevices,
  getDevice,
  deviceLog,
  listSessions,
  deviceSessions,
  webSessions,
  listSlots,
  rotateSlots,
  lookBeforeTrust,
  trust,
  account,
  lookBeforeReplace,
  replace,
  planRetire,
  retire,
  undoRetire,
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
  startRotation,
  rotationStatus,
  previewRotation,
  pauseRotation,
  resumeRotation,
  abortRotation,
  planUpgrades,
  startUpgrade,
  upgradeStatus,
  pauseUpgrade,
  resumeUpgrade,
  abortUpgrade,
  listHolds,
  placeHold,
  releaseHold,
  listMacros,
  listRuns,
  runMacro,
  listEvents,
  history,
  diffAt,
  backupStatus,
  planRestore,
  restore,
];
