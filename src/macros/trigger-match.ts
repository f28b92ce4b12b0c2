import type { LoggedEvent } from '../feedback/stored-event.ts';
import { isWithin } from '../xapi/path.ts';
import { type Occasion, type Trigger, triggerFacts } from './trigger.ts';

export const HEARD_KINDS = ['feedback', 'call', 'alert', 'panel', 'widget', 'chat', 'card'] as const;

/** Triggers that the log of events sets off. */
export type HeardTrigger = Extract<Trigger, { readonly kind: (typeof HEARD_KINDS)[number] }>;

/** What an event was, where a trigger is about it; null where it is not. `id` tells two of a kind apart. */
export function occasionOf(trigger: HeardTrigger, logged: LoggedEvent): Occasion | null {
  const matched = factsOf(trigger, logged);
  if (matched === null) return null;
  return {
    key: `event:${logged.seq}`,
    dueAt: logged.receivedAt,
    facts: triggerFacts(trigger.kind, matched),
  };
}

type Facts = Parameters<typeof triggerFacts>[1];

function factsOf(trigger: HeardTrigger, { event }: LoggedEvent): Facts | null {
  switch (trigger.kind) {
    case 'feedback':
      return feedbackFacts(trigger, event);
    case 'call':
      return happening(
        event,
        trigger.on === 'start' ? 'CallSuccessful' : 'CallDisconnect',
        ({ CallId = '' }) => ({
          id: CallId,
          value: trigger.on,
        }),
      );
    case 'panel':
      return happening(event, 'UserInterface.Extensions.Panel.Clicked', ({ PanelId }) =>
        PanelId === trigger.id ? { id: PanelId } : null,
      );
    case 'widget':
      return happening(
        event,
        'UserInterface.Extensions.Widget.Action',
        ({ WidgetId, Type = '', Value = '' }) =>
          WidgetId === trigger.id &&
          (trigger.type === null || trigger.type === Type) &&
          (trigger.value === null || trigger.value === Value)
            ? { id: WidgetId, path: Type, value: Value }
            : null,
      );
    case 'chat':
    case 'card':
      return chatFacts(trigger, event);
    default:
      return alertFacts(trigger, event);
  }
}

function happening(
  { kind, path, payload }: LoggedEvent['event'],
  name: string,
  read: (args: Readonly<Record<string, string | undefined>>) => Facts | null,
): Facts | null {
  return kind === 'event' && path === name ? read(payload.arguments) : null;
}

function alertFacts(
  { rule, on }: Extract<Trigger, { kind: 'alert' }>,
  { kind, payload }: LoggedEvent['event'],
): Facts | null {
  if (kind !== 'alert' || payload['change'] !== on) return null;
  if (rule !== null && payload['rule'] !== rule) return null;
  return { id: String(payload['id']), path: String(payload['rule']), value: String(payload['title']) };
}

/** `value` is what was said behind the word. */
function chatFacts(
  { kind: wanted, word }: Extract<Trigger, { kind: 'chat' | 'card' }>,
  { kind, payload }: LoggedEvent['event'],
): Facts | null {
  if (kind !== 'chat' || payload['what'] !== wanted || payload['word'] !== word) return null;
  const { rest, actor } = payload as { readonly rest?: string; readonly actor?: string };
  return { id: word, value: rest ?? '', by: actor ?? '' };
}

function feedbackFacts(
  { tree, path, where }: Extract<Trigger, { kind: 'feedback' }>,
  event: LoggedEvent['event'],
): Facts | null {
  const leaves = leavesOf(tree, event);
  if (leaves === null) return null;
  const below = new Map([...leaves].filter(([leaf]) => isWithin(leaf, path)));
  const [first] = below;
  if (first === undefined) return null;
  const isLike = Object.entries(where).every(
    ([name, value]) => below.get(name === '' ? path : `${path}.${name}`) === value,
  );
  return isLike ? { path: first[0], value: first[1] } : null;
}

/** Everything that an event tells, by its path within the tree; null where it is of another. */
function leavesOf(
  tree: 'Status' | 'Event' | 'Configuration',
  { kind, path, payload }: LoggedEvent['event'],
): ReadonlyMap<string, string> | null {
  if (kind === 'event' && tree === 'Event') {
    const told = Object.entries(payload.arguments).map(
      ([name, value]) => [`${path}.${name}`, value] as const,
    );
    return new Map([[path, payload.value ?? ''], ...told]);
  }
  if ((kind === 'status' && tree === 'Status') || (kind === 'configuration' && tree === 'Configuration'))
    return new Map(Object.entries(payload.leaves));
  return null;
}
