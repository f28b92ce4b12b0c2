import type { PlanState } from '../fleet/plan.ts';

type Trouble = Exclude<PlanState, 'in-sync' | 'drift'>;

/** What a person can do about a device of which nothing is known now. */
export function remedyOf(device: string, state: Trouble): string {
  return REMEDY[state].replace('DEVICE', device);
}

const REMEDY: Readonly<Record<Trouble, string>> = {
  unreachable: 'see whether the device is on and its network right; try its web page from this machine',
  'login-refused':
    'correct the credentials in the file; roomd does not try a refused password again, unless the account was mended on the device: roomd trust DEVICE --retry-login',
  'certificate-changed':
    "if the device was given a new certificate: roomd trust DEVICE --certificate; if it was reset, make roomd's account on its web page again first",
  swapped: 'if the unit was replaced on purpose: roomd replace DEVICE',
  failed: 'the sentence says what the device answered',
};
