import { sessionRule } from './session-rules.ts';

export const certificateChanged = sessionRule({
  name: 'certificate-changed',
  summary: 'The device shows another certificate than the pinned one; nothing was sent to it.',
  severity: 'critical',
  state: 'certificate-changed',
  wording: (name) => ({
    title: `${name} shows another certificate`,
    cleared: `${name} shows a certificate that is trusted`,
    remedy: `If it was changed on purpose: \`roomd trust ${name} --certificate\`. If not, somebody may pose as the device.`,
  }),
});
