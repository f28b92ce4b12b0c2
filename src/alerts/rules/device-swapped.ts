import { sessionRule } from './session-rules.ts';

export const deviceSwapped = sessionRule({
  name: 'device-swapped',
  summary: 'Another unit answers at the device’s address; nothing is written to it.',
  severity: 'critical',
  state: 'swapped',
  wording: (name) => ({
    title: `Another unit answers for ${name}`,
    cleared: `${name} is the unit that roomd knows`,
    remedy: `If the unit was replaced: \`roomd replace ${name}\`. If not, correct its address.`,
  }),
});
