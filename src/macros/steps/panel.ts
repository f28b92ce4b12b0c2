import { z } from 'zod';
import { words } from '../../fleet/schema-forms.ts';
import { type Step, type StepContext, type StepProblem, stepProblem } from '../step.ts';
import { expandTemplate } from '../template.ts';
import { checkShown, shownText } from './text-limit.ts';

/** UserInterface Extensions: ids and values count UTF-8 bytes. */
const MOST_BYTES = 255;

const PanelArguments = z.strictObject({
  open: words({ description: 'The id of a panel to open.', examples: ['lights'] }).optional(),
  page: words({ description: 'With open: the page of it.', examples: ['evening'] }).optional(),
  set: z
    .strictObject({
      widget: words({ description: 'The widget’s id.', examples: ['dimmer'] }),
      value: words({
        description: 'What it shows; {{trigger.value}} and the like are filled in.',
        examples: ['128'],
      }),
    })
    .optional()
    .meta({ description: 'A widget of a panel, and the value that it is to show.' }),
  close: z.literal(true).optional().meta({ description: 'Closes the panel that is open.' }),
});

type PanelArguments = z.output<typeof PanelArguments>;

/** Opens or closes a panel, or sets what a widget of one shows. */
export const panel: Step<PanelArguments> = {
  name: 'panel',
  summary: 'Opens or closes a panel, or sets a widget of one.',
  page: {
    guards: ['The device’s word is what counts: it tells nowhere which panel is open.'],
    errors: ['an error of the device where it has no such panel or widget'],
    example: `- panel: { open: lights }
- panel: { set: { widget: dimmer, value: "128" } }
`,
  },
  needsDevice: true,
  schema: PanelArguments,
  mayCatchUp: true,

  check(args, context) {
    const said = (['open', 'set', 'close'] as const).filter((name) => args[name] !== undefined);
    const problems: StepProblem[] = [];
    if (said.length !== 1) problems.push(stepProblem([], 'say one of open, set and close.'));
    if (args.page !== undefined && args.open === undefined)
      problems.push(stepProblem(['page'], 'a page belongs to a panel that is opened: say which with open.'));
    return [
      ...problems,
      ...(args.set === undefined ? [] : checkShown(['set', 'value'], args.set.value, context, MOST_BYTES)),
    ];
  },

  waitMs: () => 0,

  describe({ open, set }, { values }) {
    if (open !== undefined) return `open the panel ${open}`;
    return set === undefined
      ? 'close the panel'
      : `set the widget ${set.widget} to "${expandTemplate(set.value, values)}"`;
  },

  async run(context, { open, page, set }) {
    if (open !== undefined)
      return await tell(context, 'Panel.Open', openArguments(open, page), `opened the panel ${open}`);
    if (set === undefined) return await tell(context, 'Panel.Close', {}, 'closed the panel');
    const value = shownText(set.value, context.values, MOST_BYTES);
    const args = { WidgetId: set.widget, Value: value };
    return await tell(context, 'Widget.SetValue', args, `the widget ${set.widget} shows "${value}"`);
  },
};

function openArguments(panelId: string, pageId: string | undefined): Record<string, string> {
  return pageId === undefined ? { PanelId: panelId } : { PanelId: panelId, PageId: pageId };
}

async function tell(
  { device, signal, assertMayAct }: StepContext,
  command: string,
  args: Readonly<Record<string, string>>,
  result: string,
) {
  assertMayAct();
  await device.command(`UserInterface.Extensions.${command}`, args, { signal });
  return { result };
}
