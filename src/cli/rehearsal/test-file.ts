import { z } from 'zod';
import { duration } from '../../fleet/duration.ts';
import { plainValue } from '../../fleet/file/plain.ts';
import { readYaml } from '../../fleet/file/yaml-file.ts';
import { readTimezone } from '../../fleet/forms.ts';
import { IssueReader } from '../../fleet/issues.ts';
import { jsonSchemaOf } from '../../fleet/json-schema.ts';
import type { Place, Problem } from '../../fleet/problem.ts';
import { SchemaCursor } from '../../fleet/schema-cursor.ts';
import { form, integer, words } from '../../fleet/schema-forms.ts';
import { SENSOR_NAMES } from '../../simulator/room-sensors.ts';

/** What happens to a device: one of these. */
const Happening = z
  .strictObject({
    people: integer().min(0).optional().meta({ description: 'So many people are in the room now.' }),
    booking: z
      .strictObject({
        title: words({ examples: ['Weekly'] }).default('Meeting'),
        in: duration('It starts so long from now.').optional(),
        for: duration('So long.'),
        organizer: words({
          description: 'Who booked it; nobody where nothing is said.',
          examples: ['Ada'],
        }).default(''),
        declinable: z.boolean().default(true).meta({
          description: 'false: the calendar connection gives no id by which one declines.',
        }),
      })
      .optional()
      .meta({ description: 'Somebody books the room.' }),
    extend: duration('The booking that runs ends so much later.').optional(),
    call: words({ description: 'This number calls the room.', examples: ['anna@example.com'] }).optional(),
    accept: z.literal(true).optional().meta({ description: 'Somebody takes the call that rings.' }),
    hangUp: z.literal(true).optional().meta({ description: 'The far end hangs up.' }),
    share: z.boolean().optional().meta({ description: 'Somebody shares a screen, or no longer does.' }),
    press: words({
      description: 'Somebody presses this option of the prompt, by its text or its number.',
      examples: ['Keep'],
    }).optional(),
    panel: words({ description: 'Somebody presses this panel’s button.', examples: ['help'] }).optional(),
    widget: z
      .strictObject({
        id: words({ examples: ['lights'] }),
        type: words({ examples: ['pressed'] }),
        value: z.string().default(''),
      })
      .optional()
      .meta({ description: 'Somebody touches a widget.' }),
    sensor: z
      .strictObject({ name: z.enum(SENSOR_NAMES), value: z.number() })
      .optional()
      .meta({ description: 'A sensor shows this.' }),
    standby: z.boolean().optional().meta({ description: 'The device goes to standby, or wakes.' }),
    offline: z.boolean().optional().meta({ description: 'roomd loses the device, or has it back.' }),
    reboot: z.literal(true).optional().meta({ description: 'The device restarts by itself.' }),
  })
  .refine((one) => Object.values(one).filter((value) => value !== undefined).length === 1, {
    error: 'one thing happens at a time; write a list for several.',
  });
export type Happening = z.output<typeof Happening>;

const Happenings = z
  .union([Happening.transform((one) => [one]), z.array(Happening)])
  .meta({ description: 'What happens to it, one thing or a list.' });

const When = z
  .strictObject({
    after: duration('Time passes.').optional(),
    until: z
      .string()
      .regex(/^(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d$/, {
        error: 'write a time such as 09:00, or 2026-11-24T09:00.',
      })
      .optional()
      .meta({ description: 'Time passes until the clock on the wall shows this.', examples: ['09:00'] }),
    devices: z
      .record(z.string(), Happenings)
      .optional()
      .meta({ description: 'What happens, by the device’s name.' }),
    run: z
      .strictObject({
        macro: words({ examples: ['no-show'] }),
        device: words({ examples: ['boardroom-1'] }).optional(),
      })
      .optional()
      .meta({ description: 'Somebody runs a macro by hand.' }),
    hold: z
      .union([words({ examples: ['an exam'] }), z.literal(false)])
      .optional()
      .meta({ description: 'Somebody holds all machines back, with this reason; false: no longer.' }),
  })
  .refine((one) => Object.values(one).filter((value) => value !== undefined).length === 1, {
    error: 'write one of after, until, devices, run, hold; begin each with "- ".',
  });
export type When = z.output<typeof When>;

const text = (description: string) => words({ description, examples: ['released'] });

const Then = z.strictObject({
  runs: z
    .array(
      z.strictObject({
        macro: words({ examples: ['no-show'] }),
        device: words({ examples: ['boardroom-1'] }).optional(),
        state: z
          .enum(['running', 'succeeded', 'failed', 'skipped', 'would-run', 'cancelled', 'interrupted'])
          .optional()
          .meta({ description: 'Any where nothing is said.' }),
        reason: text('A part of its reason.').optional(),
        did: text('A part of what one of its steps did.').optional(),
        count: integer()
          .min(0)
          .optional()
          .meta({ description: 'Exactly so many; at least one where nothing is said.' }),
      }),
    )
    .default([])
    .meta({ description: 'Runs of macros until now.' }),
  messages: z
    .array(
      z.strictObject({
        to: words({ description: 'A notifier.', examples: ['ops'] }).optional(),
        contains: text('A part of it.').optional(),
        count: integer()
          .min(0)
          .optional()
          .meta({ description: 'Exactly so many; at least one where nothing is said.' }),
      }),
    )
    .default([])
    .meta({ description: 'Messages that were sent until now.' }),
  devices: z
    .record(
      z.string(),
      z.strictObject({
        screen: text(
          'A part of what the screen shows now; `nothing` where it is to show nothing.',
        ).optional(),
        calls: z
          .array(words({ examples: ['standup@example.com'] }))
          .optional()
          .meta({
            description: 'The numbers of the calls that are up now.',
          }),
        called: z
          .array(words({ examples: ['standup@example.com'] }))
          .optional()
          .meta({
            description: 'The numbers of all calls since the beginning.',
          }),
        bookings: integer().min(0).optional().meta({ description: 'So many bookings it has.' }),
        standby: z.boolean().optional().meta({ description: 'Whether it is in standby.' }),
        volume: integer().optional().meta({ description: 'The volume.' }),
        microphonesMuted: z.boolean().optional().meta({ description: 'Whether the microphones are mute.' }),
        settings: z
          .record(z.string(), z.string())
          .optional()
          .meta({ description: 'Settings by path.', examples: [{ 'Audio.DefaultVolume': '50' }] }),
        status: z
          .record(z.string(), z.string())
          .optional()
          .meta({ description: 'Status by path.', examples: [{ 'Standby.State': 'Off' }] }),
      }),
    )
    .default({})
    .meta({ description: 'How devices are now.' }),
});
export type Then = z.output<typeof Then>;

const MacroTest = z.strictObject({
  name: words({
    description: 'What it shows, a sentence.',
    examples: ['nobody comes, so the room is released'],
  }),
  macros: z
    .array(words({ examples: ['no-show'] }))
    .optional()
    .meta({ description: 'Only these macros are at work; all of the fleet where nothing is said.' }),
  start: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, { error: 'write a time such as 2026-11-23T08:00.' })
    .default('2026-11-23T08:00')
    .meta({
      description: 'When it begins, on the wall of `timezone`; a Monday at 08:00 where nothing is said.',
    }),
  mode: z
    .enum(['observe', 'enforce'])
    .default('enforce')
    .meta({ description: 'What roomd may do by itself.' }),
  given: z
    .record(z.string(), Happenings)
    .default({})
    .meta({ description: 'How devices are at the beginning.' }),
  steps: z
    .array(z.union([z.strictObject({ when: z.array(When).min(1) }), z.strictObject({ then: Then })]))
    .min(1)
    .meta({ description: 'What happens (`when`), and how things are then (`then`), in turns.' }),
});
export type MacroTest = z.output<typeof MacroTest>;

const TestFile = z.strictObject({
  version: z.literal(1, { error: 'write "version: 1".' }),
  fleet: words({
    description: 'The fleet file with the macros, seen from this file.',
    examples: ['fleet.yaml'],
  }).default('fleet.yaml'),
  seed: integer().default(7).meta({ description: 'Of everything that is left to chance.' }),
  timezone: form(readTimezone, {
    description: 'Whose wall clock `start` and `until` mean.',
    examples: ['Europe/Oslo'],
  }).default('UTC'),
  tests: z.array(MacroTest).min(1),
});
export type TestFile = z.output<typeof TestFile>;

/** Reads a file of tests; every problem at once. `place` finds where a path stands. */
export function readTestFile(
  content: string,
  file: string,
): {
  tests: TestFile | null;
  problems: readonly Problem[];
  place: (path: readonly (string | number)[]) => Place | null;
} {
  const { yaml, problems } = readYaml(content, file);
  if (yaml === null) return { tests: null, problems, place: () => null };
  const schema = new SchemaCursor(jsonSchemaOf(TestFile));
  const read = TestFile.safeParse(plainValue(yaml.root, schema));
  const place = (path: readonly (string | number)[]): Place => yaml.locate(path);
  if (read.success && problems.length === 0) return { tests: read.data, problems, place };
  const found = read.success ? [] : new IssueReader(yaml, schema).read(read.error.issues, []);
  return { tests: null, problems: [...problems, ...found], place };
}
