import { z } from 'zod';
import { readDuration, Wrong } from './forms.ts';
import { type Moment, readDay, readMoment } from './local-time.ts';
import type {
  FailureBudget,
  RolloutCanary,
  RolloutGroup,
  RolloutSection,
  RolloutWindow,
  Weekday,
} from './rollout-section.ts';
import { form, words } from './schema-forms.ts';
import { parseSelector, SelectorError } from './selector-parse.ts';
import { readSettingPath } from './settings.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies readonly Weekday[];
const DAY_MS = 86_400_000;

const duration = (description: string) => form(readDuration, { description, examples: ['30m'] });

/** The keys of a window, for sections that have windows of their own. */
export const windowShape = {
  days: z
    .array(form(readDays, { examples: ['mon-thu'] }))
    .min(1, { error: 'a window without days never opens; name some, or leave days out for every day.' })
    .transform((spans) => [...new Set(spans.flat())])
    .optional()
    .meta({ description: 'On which days it opens: mon to sun, or spans such as mon-fri.' }),
  from: form(readMinute, { description: "It opens, by the device's clock.", examples: ['22:00'] }),
  to: form(readMinute, {
    description: 'It closes; on the next day where this is not later than from.',
    examples: ['05:00'],
  }),
};

/** A window as it is written. */
interface WrittenWindow {
  readonly days?: Weekday[] | undefined;
  readonly from: number;
  readonly to: number;
}

/** Says why a window never opens. */
export function checkWindow({ from, to }: WrittenWindow, context: z.RefinementCtx): void {
  const never = (path: 'from' | 'to', message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (from === to)
    never(
      'to',
      'this window never opens: it ends when it begins. For whole days write from: 00:00 and to: 24:00.',
    );
  if (from >= 1440)
    never('from', 'this window never opens: no day has a time behind 24:00. Write from: 00:00.');
}

export function windowOf({ days, from, to }: WrittenWindow): RolloutWindow {
  return { days: days ?? DAYS, fromMinute: from, toMinute: to };
}

const Window = z.strictObject(windowShape).superRefine(checkWindow).transform(windowOf);

const Freeze = z
  .strictObject({
    from: form(readFreezeStart, { description: 'A day, or a day with a time.', examples: ['2026-12-20'] }),
    to: form(readFreezeEnd, { description: 'The last day, or a day with a time.', examples: ['2027-01-03'] }),
    reason: words({ description: 'Shown to whoever waits.', examples: ['Christmas'] }),
  })
  .refine(({ from, to }) => from.kind !== to.kind || timeOf(from) < timeOf(to), {
    error: 'this freeze ends before it begins.',
    path: ['to'],
  });

/** The section `rollout:`, read into what rollouts work with. */
export const Rollout = z
  .strictObject({
    canary: form(readCanary, {
      description: 'The devices that come first: a selector, or how many.',
      examples: ['tag:canary'],
    })
      .optional()
      .meta({ type: ['string', 'number'] }),
    rings: z
      .array(form(readGroup, { examples: ['site=oslo'] }))
      .default([])
      .meta({ description: 'Selectors, one ring after another; devices that none names come last.' }),
    soak: duration('The canaries, and then each ring, must hold this long.').prefault('30m'),
    failureBudget: form(readBudget, {
      description:
        'Failures that are borne: a number of devices, or a share of those tried; one more stops it.',
      examples: ['2%'],
    })
      .prefault('0')
      .meta({ type: ['string', 'number'] }),
    confirmWithin: duration('Everything is reverted unless a person confirms within this time.').optional(),
    windows: z
      .array(Window)
      .min(1, {
        error: 'without any window nothing is ever written; name one, or leave windows out for any time.',
      })
      .optional()
      .meta({
        description: 'When devices may be written, each by its own clock; any time where nothing is said.',
      }),
    freezes: z.array(Freeze).default([]).meta({ description: 'Times in which nothing is rolled out.' }),
    upgradeNeeds: duration(
      'A software upgrade begins only where the window stays open at least this long.',
    ).prefault('30m'),
    allowCutOff: z
      .array(form(readSettingPath, { examples: ['NetworkServices.HTTP'] }))
      .default([])
      .meta({ description: 'Settings and subtrees that may be written although they can cut roomd off.' }),
  })
  .transform(
    ({ canary, soak, confirmWithin, windows, upgradeNeeds, ...rest }): RolloutSection => ({
      ...rest,
      canary: canary ?? null,
      soakMs: soak,
      confirmWithinMs: confirmWithin ?? null,
      windows: windows ?? [],
      upgradeNeedsMs: upgradeNeeds,
    }),
  )
  .meta({ id: 'Rollout', description: 'How a new revision reaches the devices.' });

/** A selector as a file names it. */
export function readGroup(text: string): RolloutGroup | Wrong {
  try {
    return { text, selector: parseSelector(text) };
  } catch (error) {
    if (error instanceof SelectorError) return new Wrong(`${error.message}.`);
    throw error;
  }
}

function readCanary(text: string): RolloutCanary | Wrong {
  if (/^\d+$/.test(text)) {
    const devices = Number(text);
    return devices > 0
      ? { kind: 'number', devices }
      : new Wrong('no device would go first; write at least 1, or leave canary out.');
  }
  const group = readGroup(text);
  return group instanceof Wrong ? group : { kind: 'selector', ...group };
}

function readBudget(text: string): FailureBudget | Wrong {
  const match = /^(\d{1,6}(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  const number = Number(match?.[1]);
  if (match?.[2] === '%' && number <= 100) return { kind: 'share', share: number / 100 };
  if (match?.[2] === '' && Number.isInteger(number)) return { kind: 'number', devices: number };
  return new Wrong(
    `"${text}" is no failure budget: write a number of devices such as 2, or a share such as 5%.`,
  );
}

function readMinute(text: string): number | Wrong {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text.trim());
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2])];
  if (match !== null && minute < 60 && (hour < 24 || (hour === 24 && minute === 0)))
    return hour * 60 + minute;
  return new Wrong(`"${text}" is no time of the day: write hours and minutes, such as 22:00.`);
}

/** `mon`, or `mon-fri`; a span may run over the weekend. */
function readDays(text: string): Weekday[] | Wrong {
  const [first = '', last = first, more] = text
    .trim()
    .toLowerCase()
    .split(/\s*-\s*/);
  const start = DAYS.findIndex((day) => day === first.slice(0, 3));
  const end = DAYS.findIndex((day) => day === last.slice(0, 3));
  if (start === -1 || end === -1 || more !== undefined || ![first, last].every(isDayName))
    return new Wrong(
      `"${text}" is no day: write mon, tue, wed, thu, fri, sat or sun, or a span such as mon-fri.`,
    );
  const length = ((end - start + 7) % 7) + 1;
  return [...DAYS, ...DAYS].slice(start, start + length);
}

function isDayName(text: string): boolean {
  return (
    DAYS.some((day) => day === text) ||
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].includes(text)
  );
}

export function readFreezeStart(text: string): Moment | Wrong {
  const day = readDay(text);
  return day === null ? readMoment(text) : { kind: 'wall', wall: day };
}

/** A day alone is frozen to its end. */
export function readFreezeEnd(text: string): Moment | Wrong {
  const day = readDay(text);
  return day === null ? readMoment(text) : { kind: 'wall', wall: day + DAY_MS };
}

export function timeOf(moment: Moment): number {
  return moment.kind === 'wall' ? moment.wall : moment.at;
}
