import { integer } from '../../fleet/schema-forms.ts';
import { defineRule, eachDevice } from '../rule.ts';

export const macroFailing = defineRule({
  name: 'macro-failing',
  summary: 'A macro fails on a device time after time.',
  severity: 'warning',
  forMs: 0,
  clearMs: 0,
  options: {
    times: integer()
      .min(1, { error: 'one run must fail at least.' })
      .default(2)
      .meta({ description: 'Runs that fail one after another.', examples: [2] }),
  },
  look: ({ devices }, { options: { times } }) =>
    eachDevice(devices, ({ name, runs }) =>
      runs
        .filter(({ failures }) => failures >= times)
        .map(({ macro, failures, reason, at }) => ({
          key: macro,
          title: `The macro ${macro} fails on ${name}`,
          cleared: `The macro ${macro} works on ${name} again, or was taken out`,
          detail: `${failures} ${failures === 1 ? 'run' : 'runs in a row'} failed, the last at ${new Date(at).toISOString()}: ${reason ?? 'no reason is on record'}.`,
          remedy: `GET /api/v1/macros/runs?macro=${encodeURIComponent(macro)}&device=${name} has each run with its steps.`,
        })),
    ),
});
