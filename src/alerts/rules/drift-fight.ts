import { defineRule, eachDevice } from '../rule.ts';

export const driftFight = defineRule({
  name: 'drift-fight',
  summary: 'A setting that roomd puts right is changed back again and again; roomd leaves it alone.',
  severity: 'warning',
  forMs: 0,
  clearMs: 60_000,
  options: {},
  look: ({ devices }) =>
    eachDevice(devices, ({ name, fights }) =>
      fights.map(({ path, ours, theirs, flips }) => ({
        key: path,
        title: `Something else changes ${path} on ${name}`,
        cleared: `${path} on ${name} is left in peace`,
        detail: `roomd writes "${ours}", the other "${theirs}"; it changed hands ${flips.length} times, and roomd leaves it alone now.`,
        remedy:
          'Find who else sets it (Control Hub, CUCM, TMS, a macro on the device), or write `drift: report` for it in the file.',
      })),
    ),
});
