/**
 * Whether a call ended for a technical reason, by what CallDisconnect says of
 * its end. The vendor's schema does not list the words of CauseType, so a word
 * that roomd does not know is no failure: counted as one, it could raise a
 * false alarm or take a good rollout back from the rooms, while a failure that
 * is missed is missed by this sign alone. What people do (busy, no answer,
 * rejected, hung up, a number that does not exist) says nothing of the device.
 */
export function isTechnicalCause(said: Readonly<Record<string, string>>): boolean {
  const word = (said['CauseType'] ?? '').toLowerCase().replace(/[^a-z]/g, '');
  return TECHNICAL.has(word) && !PEOPLES_CODES.has(said['CauseCode'] ?? '');
}

/** Devices and their software write the words with and without spaces and capitals. */
const TECHNICAL: ReadonlySet<string> = new Set([
  'insufficientresources',
  'insufficientsecurity',
  'networkrejected',
  'otherlocal',
  'timeout',
  'undefinedreason',
]);

/** SIP: not found, gone, address incomplete, ambiguous, busy here, cancelled, busy everywhere, declined, does not exist anywhere. */
const PEOPLES_CODES: ReadonlySet<string> = new Set([
  '404',
  '410',
  '484',
  '485',
  '486',
  '487',
  '600',
  '603',
  '604',
]);
