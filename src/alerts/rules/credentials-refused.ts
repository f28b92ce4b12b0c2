import type { Finding } from '../rule.ts';
import { sessionRule } from './session-rules.ts';
import { CREDENTIALS_WRONG, wrongCredentials } from './wrong-credentials.ts';

const ofOneDevice = sessionRule({
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

export const credentialsRefused: typeof ofOneDevice = {
  ...ofOneDevice,
  look(facts, context) {
    const wrong = new Set(wrongCredentials(facts.devices).map(({ name }) => name));
    const credentials = new Map(facts.devices.map(({ id, credential }) => [id, credential]));
    const { findings, unjudged } = ofOneDevice.look(facts, context);
    return { findings: findings.map(partOfWrong), unjudged };

    function partOfWrong(finding: Finding): Finding {
      const key = credentials.get(finding.deviceId ?? 0) ?? '';
      const isPart = wrong.has(key) || context.isOpen(CREDENTIALS_WRONG, key);
      return isPart ? { ...finding, partOf: { rule: CREDENTIALS_WRONG, key } } : finding;
    }
  },
};
