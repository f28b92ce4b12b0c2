import { alertsSection } from '../alerts/alerts-section.ts';
import { chatSection } from '../chat/chat-section.ts';
import type { Section } from '../fleet/section.ts';
import { macroSection } from '../macros/macro.ts';
import { mqttSection } from '../mqtt/mqtt-section.ts';
import { backupsSection } from './backups/section.ts';

/** Every top-level section of fleet.yaml that lies with another slice than `fleet`. */
export const sections: readonly Section<unknown>[] = [
  alertsSection,
  macroSection,
  backupsSection,
  chatSection,
  mqttSection,
];
