import { BRANDING_KIND } from './resources/branding.ts';
import { CERTIFICATE_KIND } from './resources/certificate.ts';
import { DEVICE_MACRO_KIND } from './resources/device-macro.ts';
import { PANEL_KIND } from './resources/ui-panel.ts';

/** Resource kinds that are shown by size and digest or by subject, never by what is in them. */
export const THING_KINDS: ReadonlySet<string> = new Set([
  PANEL_KIND,
  DEVICE_MACRO_KIND,
  BRANDING_KIND,
  CERTIFICATE_KIND,
]);
