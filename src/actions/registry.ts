import { account } from './account.ts';
import type { Action } from './action.ts';
import { acknowledgeAlert, listAlerts, showOneAlert } from './alerts.ts';
import { apply } from './apply.ts';
import { backupStatus } from './backups.ts';
import { listBookings } from './bookings.ts';
import {
  callFromDevice,
  hangUp,
  muteDevice,
  rebootDevice,
  releaseRoom,
  showMessage,
  sleepDevice,
  wakeDevice,
} from './by-hand.ts';
import { listCalls } from './calls.ts';
import { campaigns } from './campaigns.ts';
import { deviceConfiguration } from './configuration.ts';
import { conformance } from './conformance.ts';
import { deeds } from './deeds.ts';
import { deviceLog } from './device-log.ts';
import { getDevice, listDevices } from './devices.ts';
import { diffAt } from './diff-at.ts';
import { doctor } from './doctor.ts';
import { countErased, eraseRecords } from './erase.ts';
import { listEvents } from './events.ts';
import { exportRecords } from './export.ts';
import { freeRooms } from './free-rooms.ts';
import { history, wholeHistory } from './history.ts';
import { listHolds, placeHold, releaseHold } from './hold.ts';
import { forgetInventory, listInventory, planInventory, pullInventory } from './inventory.ts';
import { knownSetting } from './known-settings.ts';
import { lint } from './lint.ts';
import { cancelRun, listMacros, listRuns, retryRun, runMacro, showOneRun } from './macros.ts';
import { endMaintenance, listMaintenance, startMaintenance } from './maintenance.ts';
import { notifiers } from './notifiers.ts';
import { now } from './now.ts';
import { plan } from './plan.ts';
import { presenceNow, presencePast } from './presence.ts';
import { lookBeforeReplace, replace } from './replace.ts';
import { replay } from './replay.ts';
import { planRestore, restore } from './restore.ts';
import { planRetire, retire, undoRetire } from './retire.ts';
import { revisions } from './revisions.ts';
import {
  abortRollout,
  approveRollout,
  listRollouts,
  pauseRollout,
  resumeRollout,
  revertRollout,
  rolloutStatus,
  startRollout,
} from './rollout.ts';
import {
  abortRotation,
  listRotations,
  pauseRotation,
  previewRotation,
  resumeRotation,
  rotationStatus,
  startRotation,
} from './rotation.ts';
import { roundTrip } from './round-trip.ts';
import { listSchemas, schemaImport } from './schema-import.ts';
import { listSensors } from './sensors.ts';
import { deviceSessions, listSessions } from './sessions.ts';
import { listSlots, rotateSlots } from './slots.ts';
import { listSpans } from './spans.ts';
import { reload, system } from './system.ts';
import { checkSystems } from './systems.ts';
import { listTags } from './tags.ts';
import { timeline } from './timeline.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';
import { lookBeforeTrust, trust } from './trust.ts';
import {
  abortUpgrade,
  listUpgrades,
  pauseUpgrade,
  planUpgrades,
  resumeUpgrade,
  startUpgrade,
  upgradeStatus,
} from './upgrade.ts';
import { changeUser, createUser, listUsers, removeUser, setPassword } from './users.ts';
import { utilisation } from './utilisation.ts';
import { utilisationWeek } from './utilisation-week.ts';
import { webSessions } from './web-sessions.ts';
import { authorizeWebex } from './webex.ts';

/** Every verb of roomd. */
export const actions: readonly Action[] = [
  system,
  reload,
  now,
  listDevices,
  getDevice,
  deviceConfiguration,
  listTags,
  deviceLog,
  listSessions,
  deviceSessions,
  webSessions,
  listSlots,
  rotateSlots,
  lookBeforeTrust,
  trust,
  account,
  doctor,
  roundTrip,
  conformance,
  lookBeforeReplace,
  replace,
  planRetire,
  retire,
  undoRetire,
  callFromDevice,
  hangUp,
  muteDevice,
  releaseRoom,
  showMessage,
  sleepDevice,
  wakeDevice,
  rebootDevice,
  freeRooms,
  presenceNow,
  presencePast,
  utilisation,
  utilisationWeek,
  exportRecords,
  plan,
  lint,
  listInventory,
  planInventory,
  pullInventory,
  forgetInventory,
  checkSystems,
  authorizeWebex,
  listSchemas,
  knownSetting,
  schemaImport,
  apply,
  campaigns,
  startRollout,
  listRollouts,
  rolloutStatus,
  approveRollout,
  pauseRollout,
  resumeRollout,
  abortRollout,
  revertRollout,
  startRotation,
  listRotations,
  rotationStatus,
  previewRotation,
  pauseRotation,
  resumeRotation,
  abortRotation,
  planUpgrades,
  startUpgrade,
  listUpgrades,
  upgradeStatus,
  pauseUpgrade,
  resumeUpgrade,
  abortUpgrade,
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
  showOneRun,
  runMacro,
  retryRun,
  cancelRun,
  listEvents,
  listCalls,
  listBookings,
  listSensors,
  listSpans,
  replay,
  countErased,
  eraseRecords,
  timeline,
  history,
  deeds,
  wholeHistory,
  revisions,
  diffAt,
  notifiers,
  backupStatus,
  planRestore,
  restore,
  listTokens,
  createToken,
  revokeToken,
  listUsers,
  createUser,
  changeUser,
  setPassword,
  removeUser,
];
