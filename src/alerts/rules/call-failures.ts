import { duration } from '../../fleet/duration.ts';
import { integer } from '../../fleet/schema-forms.ts';
import type { EndedCall } from '../facts.ts';
import { defineRule, eachDevice } from '../rule.ts';

export const callFailures = defineRule({
  name: 'call-failures',
  summary: 'Call after call of the device fails for a technical reason.',
  severity: 'warning',
  forMs: 0,
  clearMs: 0,
  options: {
    times: integer()
      .min(1, { error: 'one call must fail at least.' })
      .default(3)
      .meta({ description: 'Calls that fail one after another.', examples: [3] }),
    within: duration('All of them within this time.').prefault('1h'),
  },
  look: ({ devices, now }, { options: { times, within } }) =>
    eachDevice(devices, ({ name, calls }) => {
      const failed = failedLast(calls).filter(({ at }) => at > now - within);
      const last = failed.at(-1);
      if (last === undefined || failed.length < times) return [];
      return [
        {
          title: `Calls of ${name} fail`,
          cleared: `Calls of ${name} work, or none failed lately`,
          detail: `${failed.length} calls in a row failed, the last one at ${new Date(last.at).toISOString()} (${last.cause}).`,
          remedy:
            'Is the device registered, and does it reach the call service? Its call history has the cause of each call.',
        },
      ];
    }),
});

/** The calls since the last that worked. */
function failedLast(calls: readonly EndedCall[]): readonly EndedCall[] {
  return calls.slice(calls.findLastIndex(({ failed }) => !failed) + 1);
}
