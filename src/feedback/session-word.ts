import type { SessionState } from '../xapi/device.ts';

/** How a device's session stands, in one word. */
export type SessionWord =
  | 'connecting'
  | 'up'
  /** It is up, and something of it does not work. */
  | 'degraded'
  | 'unreachable'
  | 'refused'
  | 'certificate-changed'
  | 'swapped'
  | 'in-maintenance'
  /** roomd keeps none. */
  | 'off';

const WORDS: Readonly<Record<SessionState, SessionWord>> = {
  idle: 'off',
  connecting: 'connecting',
  up: 'up',
  'up-https': 'degraded',
  waiting: 'unreachable',
  refused: 'refused',
  'certificate-changed': 'certificate-changed',
  swapped: 'swapped',
  stopped: 'off',
};

/** `reason`: what of a session that is up does not work, or why there is none. Maintenance excuses everything but a stranger at the address. */
export function sessionWord(
  { state, reason }: { readonly state: SessionState; readonly reason: string | null },
  { inMaintenance = false }: { readonly inMaintenance?: boolean } = {},
): SessionWord {
  const word = state === 'up' && reason !== null ? 'degraded' : WORDS[state];
  const isStranger = word === 'certificate-changed' || word === 'swapped';
  return inMaintenance && !isStranger ? 'in-maintenance' : word;
}
