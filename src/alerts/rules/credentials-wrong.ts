import { defineRule } from '../rule.ts';
import { CREDENTIALS_WRONG, unknownCredentials, wrongCredentials } from './wrong-credentials.ts';

export const credentialsWrong = defineRule({
  name: CREDENTIALS_WRONG,
  summary: 'Several devices refuse a password and none accepts it; one alert stands for all of them.',
  severity: 'critical',
  forMs: 30_000,
  clearMs: 30_000,
  options: {},
  look(facts) {
    return {
      findings: wrongCredentials(facts.devices).map(({ name, refusing }) => ({
        key: name,
        deviceId: null,
        about: `credentials ${name}`,
        devices: refusing.map((device) => device.name),
        title: `the password of the credentials ${name} is refused: ${refusing.length} devices are out`,
        cleared: `the password of the credentials ${name} is accepted`,
        detail: 'roomd tried it on two devices and then no further, so that no account is locked.',
        remedy: `Correct it where the file of the credentials "${name}" points to; one device is tried first, then the others.`,
      })),
      unjudged: { devices: new Set(), keys: unknownCredentials(facts) },
    };
  },
});
