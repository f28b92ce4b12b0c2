import { z } from 'zod';
import { duration, formatDuration } from '../fleet/duration.ts';
import { readDuration, Wrong } from '../fleet/forms.ts';
import {
  checkWindow,
  readFreezeEnd,
  readFreezeStart,
  readGroup,
  timeOf,
  windowOf,
  windowShape,
} from '../fleet/rollout-schema.ts';
import { form, integer, words } from '../fleet/schema-forms.ts';
import type { Rule } from './rule.ts';
import { RULES, type RuleName } from './rules/registry.ts';

const WEEK_MS = 7 * 86_400_000;

const selector = (description: string) => form(readGroup, { description, examples: ['site=oslo'] });

const notify = z
  .array(words({ examples: ['ops'] }))
  .meta({ description: 'Who is told: names under notifiers.', examples: [['ops']] });

/** What the file may say of every rule; the standards are the rule's own. */
function commonOf({ forMs, clearMs, severity }: Rule) {
  return {
    enabled: z
      .boolean({ error: 'write true or false.' })
      .default(true)
      .meta({ description: 'false: nothing is made of it.' }),
    for: periodOf('How long it must be so before an alert opens.', forMs).optional(),
    clear: periodOf('How long it must be over before the alert is resolved.', clearMs).optional(),
    severity: z
      .enum(['info', 'warning', 'critical'])
      .meta({ description: 'How bad it is called.', default: severity })
      .optional(),
    notify: notify.optional(),
    devices: selector('Only these devices.').optional(),
  };
}

function ruleFile<Shape extends z.ZodRawShape>(rule: Rule & { readonly options: Shape }) {
  return z
    .strictObject({ ...commonOf(rule), ...rule.options })
    .meta({ description: rule.summary })
    .prefault({} as never);
}

const RulesFile = z
  .strictObject({
    'site-outage': ruleFile(RULES['site-outage']),
    'device-offline': ruleFile(RULES['device-offline']),
    'credentials-wrong': ruleFile(RULES['credentials-wrong']),
    'credentials-refused': ruleFile(RULES['credentials-refused']),
    'certificate-changed': ruleFile(RULES['certificate-changed']),
    'certificate-expiring': ruleFile(RULES['certificate-expiring']),
    'device-swapped': ruleFile(RULES['device-swapped']),
    'slot-failing': ruleFile(RULES['slot-failing']),
    'drift-fight': ruleFile(RULES['drift-fight']),
    diagnostics: ruleFile(RULES['diagnostics']),
    'peripheral-lost': ruleFile(RULES['peripheral-lost']),
    'call-failures': ruleFile(RULES['call-failures']),
    'presence-stuck': ruleFile(RULES['presence-stuck']),
    'macro-failing': ruleFile(RULES['macro-failing']),
    'database-trouble': ruleFile(RULES['database-trouble']),
    'webex-refused': ruleFile(RULES['webex-refused']),
    'clock-skew': ruleFile(RULES['clock-skew']),
  })
  .meta({ description: 'What differs from the defaults, rule by rule.' });

const SiteOutageFile = z
  .strictObject({
    by: words({ description: 'Name of the tag that says where a device stands.', examples: ['site'] }),
    share: form(readShare, { description: 'Share of the devices that must be off.', examples: ['50%'] }),
    least: integer()
      .min(2, { error: 'a site outage is about two devices at least.' })
      .meta({ description: 'So many devices must be off at least.', examples: [3] }),
  })
  .partial()
  .transform(({ by, share, least }) => ({ by: by ?? 'site', share: share ?? 0.5, least: least ?? 3 }))
  .meta({ description: 'When many devices of a site are one alert.' });

const ExpectedOff = z
  .strictObject({ devices: selector('For which devices.'), ...windowShape })
  .superRefine(checkWindow)
  .transform(({ devices, ...window }) => ({ devices, window: windowOf(window) }))
  .meta({ description: 'Hours at which devices may be off, each by its own clock.' });

const ScheduledMaintenance = z
  .strictObject({
    devices: selector('For which devices.'),
    schedule: words({
      description: 'When it begins: five cron fields, by each device’s own clock; needs for.',
      examples: ['0 2 * * 0'],
    }).optional(),
    for: duration('How long it takes each time, at most 7d.').optional(),
    from: form(readFreezeStart, {
      description: 'A day, or a day with a time.',
      examples: ['2026-12-20'],
    }).optional(),
    to: form(readFreezeEnd, {
      description: 'The last day, or a day with a time.',
      examples: ['2027-01-03'],
    }).optional(),
    reason: words({ description: 'Shown beside what is silenced.', examples: ['network upgrade'] }),
  })
  .superRefine((entry, context) => {
    const wrong = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { schedule, from, to } = entry;
    if ((schedule === undefined) === (from === undefined))
      wrong('devices', 'a maintenance has either a schedule (with for) or a from (with to).');
    else if (schedule !== undefined && entry.for === undefined)
      wrong('schedule', 'this maintenance never ends; write for: 2h beside its schedule.');
    else if (from !== undefined && to === undefined)
      wrong('from', 'this maintenance never ends; write to: with its last day.');
    if (from !== undefined && to !== undefined && from.kind === to.kind && timeOf(from) >= timeOf(to))
      wrong('to', 'this maintenance ends before it begins.');
    if ((entry.for ?? 0) > WEEK_MS) wrong('for', 'a maintenance takes at most 7d; use from and to.');
  })
  .meta({ description: 'A time in which alerts are recorded and not sent.' });

/** The section `alerts:`. */
export const Alerts = z
  .strictObject({
    notify: notify.default([]),
    rules: RulesFile.prefault({}),
    siteOutage: SiteOutageFile.prefault({}),
    expectedOff: z
      .array(ExpectedOff)
      .default([])
      .meta({ description: 'Hours in which devices may be off without anybody being told.' }),
    maintenance: z
      .array(ScheduledMaintenance)
      .default([])
      .meta({ description: 'Maintenance that comes by itself: alerts are recorded and not sent.' }),
  })
  .meta({ id: 'Alerts', description: 'What people are told of by itself, and when not.' });
export type Alerts = z.output<typeof Alerts>;

/** What the file says of one rule, defaults filled in; its own options stand beside these. */
export type RuleSettings = z.output<z.ZodObject<ReturnType<typeof commonOf>>> &
  Readonly<Record<string, unknown>>;

/** In the order of the registry. */
export function ruleSettings({ rules }: Alerts): readonly [RuleName, RuleSettings][] {
  return (Object.keys(RULES) as RuleName[]).map((name) => [name, rules[name] as RuleSettings]);
}

/** What holds where the file has no `alerts:`. */
export const NO_ALERTS: Alerts = Alerts.parse({});

/** A watching period; `0s` is none. */
function periodOf(description: string, standardMs: number) {
  return form(readPeriod, {
    description: `${description} 0s: at once.`,
    examples: ['5m'],
    default: formatDuration(standardMs),
  });
}

function readPeriod(text: string): number | Wrong {
  return /^0\s*[a-z]*$/.test(text.trim()) ? 0 : readDuration(text);
}

function readShare(text: string): number | Wrong {
  const match = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text.trim());
  const percent = Number(match?.[1]);
  if (match !== null && percent > 0 && percent <= 100) return percent / 100;
  return new Wrong(`"${text}" is no share: write a percentage such as 50%.`);
}
