import type { DeviceFacts } from '../facts.ts';
import { type DeviceFinding, defineRule, eachDevice, type Rule } from '../rule.ts';

type Wording = Pick<DeviceFinding, 'title' | 'cleared' | 'remedy'>;

/** A rule about one state of sessions that only a person can end. */
export function sessionRule(
  rule: Pick<Rule, 'name' | 'summary' | 'severity'> & {
    readonly state: 'refused' | 'certificate-changed' | 'swapped';
    readonly wording: (name: string) => Wording;
  },
) {
  const { state, wording, ...rest } = rule;
  return defineRule({
    ...rest,
    forMs: 30_000,
    clearMs: 30_000,
    options: {},
    look: ({ devices }) => eachDevice(devices, judge),
  });

  function judge({ name, session }: DeviceFacts): DeviceFinding[] | null {
    if (session?.state === state)
      return [{ ...wording(name), detail: session.reason ?? 'It says no more than that.' }];
    // A device that does not answer has not mended anything.
    return session === null || session.state === 'waiting' ? null : [];
  }
}
