import { sessionRule } from './session-rules.ts';

export const credentialsRefused = sessionRule({
  name: 'credentials-refused',
  summary: 'The device refuses the password; roomd does not try it again.',
  severity: 'critical',
  state: 'refused',
  wording: (name) => ({
    title: `${name} refuses the password`,
    cleared: `${name} accepts the password`,
    remedy: `Correct the credentials of ${name} in the file, or its account; then \`roomd trust ${name} --retry-login\` tries again.`,
  }),
});
