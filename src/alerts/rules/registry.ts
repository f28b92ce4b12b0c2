import { callFailures } from './call-failures.ts';
import { certificateChanged } from './certificate-changed.ts';
import { certificateExpiring } from './certificate-expiring.ts';
import { clockSkew } from './clock-skew.ts';
import { credentialsRefused } from './credentials-refused.ts';
import { credentialsWrong } from './credentials-wrong.ts';
import { databaseTrouble } from './database-trouble.ts';
import { deviceOffline } from './device-offline.ts';
import { deviceSwapped } from './device-swapped.ts';
import { diagnostics } from './diagnostics.ts';
import { driftFight } from './drift-fight.ts';
import { macroFailing } from './macro-failing.ts';
import { peripheralLost } from './peripheral-lost.ts';
import { presenceStuck } from './presence-stuck.ts';
import { siteOutage } from './site-outage.ts';
import { slotFailing } from './slot-failing.ts';
import { webexRefused } from './webex-refused.ts';

/** Every rule, those that stand for others before these. */
export const RULES = {
  'site-outage': siteOutage,
  'device-offline': deviceOffline,
  'credentials-wrong': credentialsWrong,
  'credentials-refused': credentialsRefused,
  'certificate-changed': certificateChanged,
  'certificate-expiring': certificateExpiring,
  'device-swapped': deviceSwapped,
  'slot-failing': slotFailing,
  'drift-fight': driftFight,
  diagnostics,
  'peripheral-lost': peripheralLost,
  'call-failures': callFailures,
  'presence-stuck': presenceStuck,
  'macro-failing': macroFailing,
  'database-trouble': databaseTrouble,
  'webex-refused': webexRefused,
  'clock-skew': clockSkew,
} as const;

export type RuleName = keyof typeof RULES;
