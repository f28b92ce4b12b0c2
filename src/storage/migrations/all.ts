import type { Migration } from '../migration.ts';
import { initial } from './0001-initial.ts';
import { productSchema } from './0002-product-schema.ts';
import { managed } from './0003-managed.ts';
import { rollout } from './0004-rollout.ts';
import { rotation } from './0005-rotation.ts';
import { approvedContent } from './0006-approved-content.ts';
import { upgrade } from './0007-upgrade.ts';
import { fight } from './0008-fight.ts';
import { certificateAndRetirement } from './0009-certificate-and-retirement.ts';
import { records } from './0010-records.ts';
import { alerts } from './0011-alerts.ts';
import { utilisation } from './0012-utilisation.ts';
import { timeline } from './0013-timeline.ts';
import { slotToken } from './0014-slot-token.ts';
import { macroLanguage } from './0015-macro-language.ts';
import { inventory } from './0016-inventory.ts';
import { macroSetting } from './0017-macro-setting.ts';
import { timelineKinds } from './0018-timeline-kinds.ts';
import { sealedGrant } from './0019-sealed-grant.ts';
import { bookingSeries } from './0020-booking-series.ts';
import { chatCard } from './0021-chat-card.ts';
import { access } from './0022-access.ts';
import { apiSession } from './0023-api-session.ts';
import { deeds } from './0024-deeds.ts';
import { verbsOnRecord } from './0025-verbs-on-record.ts';

/** Every step of the schema, in order; listed by hand so that nothing is found by chance. */
export const migrations: readonly Migration[] = [
  initial,
  productSchema,
  managed,
  rollout,
  rotation,
  approvedContent,
  upgrade,
  fight,
  certificateAndRetirement,
  records,
  alerts,
  utilisation,
  timeline,
  slotToken,
  macroLanguage,
  inventory,
  macroSetting,
  timelineKinds,
  sealedGrant,
  bookingSeries,
  chatCard,
  access,
  apiSession,
  deeds,
  verbsOnRecord,
];
