import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DesiredContent } from '../../src/fleet/fleet.ts';
import { macroSection } from '../../src/macros/macro.ts';
import { problems, problemsOf, sampleDevice, sampleFleet } from './sample-fleet.ts';

const DIAL = { dial: { number: 'standup@example.com' } };
const WAIT = { wait: '1s' };

function macro(changes: object = {}) {
  return { name: 'chore', devices: 'all', steps: [WAIT], ...changes };
}

function issuesOf(...macros: object[]): string[] {
  const read = macroSection.schema.safeParse(macros);
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the section macros', () => {
  it('takes the example of the fleet file', () => {
    const fleet = sampleFleet({
      macros: [
        {
          name: 'morning-standup',
          when: { schedule: '55 8 * * 1-5' },
          devices: 'site=oslo & tag:standup',
          if: "presence == 'yes' && !inCall",
          steps: [DIAL, { notify: { to: 'ops', markdown: '**{{device.name}}** joined the stand-up' } }],
        },
      ],
    });
    expect(problemsOf(fleet)).toEqual([]);
    expect(fleet.sections.get('macros')).toMatchObject([
      {
        when: [{ kind: 'schedule', schedules: ['55 8 * * 1-5'] }],
        deadline: 600_000,
        enabled: true,
        unmuted: false,
        steps: [
          { name: 'dial', args: { countdown: 10_000, connectWithin: 60_000, muted: true } },
          { name: 'notify' },
        ],
      },
    ]);
  });

  it('refuses what the schema can see', () => {
    expect(issuesOf(macro({ steps: [] }))).toEqual([
      '0.steps: there is no step in it; leave it out, or put one in.',
    ]);
    expect(issuesOf(macro({ steps: [{}] }))[0]).toContain('a step is one of dial, join, answer');
    expect(issuesOf(macro({ steps: [{ ...WAIT, ...DIAL }] }))[0]).toContain(
      'dial and wait are steps of their own',
    );
    expect(issuesOf(macro({ steps: [{ fly: {} }] }))[0]).toContain('fly');
    expect(issuesOf(macro({ deadline: 'soon' }))[0]).toContain('"soon" is no duration');
    expect(issuesOf(macro({ timezone: 'Europe/Olso' }))[0]).toContain('Did you mean "Europe/Oslo"');
    expect(issuesOf(macro({ steps: [{ dial: { number: 4712345678 } }] }))[0]).toContain(
      'put the number in quotes',
    );
    expect(issuesOf(macro({ steps: [{ message: { text: 'x', duration: '0s' } }] }))[0]).toContain(
      'until: cleared',
    );
    expect(issuesOf(macro({ steps: [{ message: { text: 'x', duration: '2h' } }] }))[0]).toContain(
      'at most 1h',
    );
  });

  it.each([
    [{ devices: 'site=bergen2 &' }, 'macros[0].devices', /cannot be read at column/],
    [
      { devices: 'bordroom-1' },
      'macros[0].devices',
      /no device is named "bordroom-1".*Did you mean "boardroom-1"/,
    ],
    [
      { devices: 'tag:standpu' },
      'macros[0].devices',
      /no device has a tag "standpu".*Did you mean "standup"/,
    ],
    [
      { when: { schedule: ['0 8 * * *', '0 25 * * *'] } },
      'macros[0].when.schedule[1]',
      /the hour .* is "25"/,
    ],
    [{ if: "presence == 'yse'" }, 'macros[0].if', /never 'yse'/],
    [{ steps: [{ dial: { number: 'x@elsewhere.org' } }] }, 'macros[0].steps[0].dial.number', /calls.allow/],
    [
      { steps: [{ dial: { ...DIAL.dial, countdown: '1s' } }] },
      'macros[0].steps[0].dial.countdown',
      /between 3s and 10m/,
    ],
    [{ steps: [{ dial: { ...DIAL.dial, muted: false } }] }, 'macros[0].steps[0].dial.muted', /unmuted: true/],
    [{ unmuted: true, steps: [DIAL] }, 'macros[0].unmuted', /nothing would be unmuted/],
    [
      { steps: [{ notify: { to: 'opps', markdown: 'x' } }] },
      'macros[0].steps[0].notify.to',
      /Did you mean "ops"/,
    ],
    [
      { steps: [{ notify: { to: 'ops', markdown: '{{device.nmae}}' } }] },
      'macros[0].steps[0].notify.markdown',
      /\{\{device.nmae\}\} stands for nothing.*Did you mean "device.name"/,
    ],
    [
      { steps: [{ message: { text: 'å'.repeat(128) } }] },
      'macros[0].steps[0].message.text',
      /256 bytes of UTF-8/,
    ],
    [
      { steps: [{ message: { text: 'x', duration: '5s', until: 'cleared' } }] },
      'macros[0].steps[0].message.until',
      /either/,
    ],
    [
      { steps: [{ command: { path: 'xCommand SystemUnit FactoryReset' } }] },
      'macros[0].steps[0].command.path',
      /it erases the device/,
    ],
    [
      { steps: [{ command: { path: 'systemunit.boot' } }] },
      'macros[0].steps[0].command.path',
      /commands.allow/,
    ],
    [{ steps: [{ command: { path: 'Dial' } }] }, 'macros[0].steps[0].command.path', /the dial step/],
    [
      { steps: [{ disconnect: { onlyOwn: true } }] },
      'macros[0].steps[0].disconnect.onlyOwn',
      /no dial, join, answer step comes before/,
    ],
    [
      { steps: [{ wait: '20m' }] },
      'macros[0].deadline',
      /may take 20m by themselves, and the deadline is 10m/,
    ],
    [{ catchUp: '1h' }, 'macros[0].catchUp', /no schedule/],
    [
      { catchUp: '1h', when: { schedule: '0 8 * * *' }, steps: [DIAL] },
      'macros[0].catchUp',
      /dial step is never made up/,
    ],
  ])('finds what only the whole file shows: %j', (changes, path, message) => {
    const found = problems(sampleFleet({ macros: [macro(changes)] }));
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(message), place: expect.anything() }),
    ]);
  });

  it('tells all problems of all macros at once, and the second of two of one name', () => {
    const found = problemsOf(sampleFleet({ macros: [macro({ if: 'x' }), macro({ devices: 'nobody' })] }));
    expect(found).toHaveLength(3);
    expect(found[1]).toContain('macros[1].name: "chore" is the name of macros[0] too');
  });

  it('warns of days that cron joins with "and", and of a selector that fits nothing', () => {
    const found = problems(
      sampleFleet({ macros: [macro({ devices: 'oslo-*', when: { schedule: '0 8 1 * 1' } })] }),
    );
    expect(found.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      'warning macros[0].devices',
      'warning macros[0].when.schedule[0]',
    ]);
  });

  it('warns of a panel that is nearly called as one of the fleet is', () => {
    const place = { file: 'fleet.yaml', line: 1, column: 1 };
    const content: DesiredContent = {
      panels: [{ id: 'help', xml: '<Extensions/>', place }],
      deviceMacros: [],
      branding: [],
      certificates: [],
      software: null,
      prune: 'own',
    };
    const told = (...ids: string[]) =>
      problems(
        sampleFleet({
          devices: [sampleDevice('boardroom-1', { content })],
          macros: [macro({ when: ids.map((panel) => ({ panel })) })],
        }),
      ).map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
    expect(told('hlep')).toEqual([
      'warning macros[0].when.panel: the file puts no panel "hlep" onto a device. Did you mean "help"?',
    ]);
    expect(told('help', 'hepl')).toEqual([expect.stringContaining('macros[0].when[1].panel: ')]);
    expect(told('somebody-elses')).toEqual([]);
  });

  it('names the device whose tag a text needs and lacks', () => {
    const devices = [sampleDevice('a', { tags: { floor: '3' } }), sampleDevice('b', { tags: {} })];
    const macros = [macro({ steps: [{ message: { text: 'Floor {{tags.floor}}' } }] })];
    expect(problemsOf(sampleFleet({ devices, macros }))).toEqual([
      'macros[0].steps[0].message.text: {{tags.floor}} stands for nothing on b, which has no tag "floor"',
    ]);
  });

  it('opens a denied command by its path in commands.allow', () => {
    const macros = [macro({ steps: [{ command: { path: 'SystemUnit.Boot' } }] })];
    expect(problemsOf(sampleFleet({ macros, commands: ['SystemUnit.Boot'] }))).toEqual([]);
    expect(problemsOf(sampleFleet({ macros, commands: ['SystemUnit.FactoryReset'] }))).toHaveLength(1);
  });

  it('tells editors of every step and its arguments', () => {
    const schema = JSON.stringify(z.toJSONSchema(macroSection.schema, { target: 'draft-7', io: 'input' }));
    for (const word of [
      'dial',
      'connectWithin',
      'disconnect',
      'wait',
      'message',
      'command',
      'notify',
      'catchUp',
    ])
      expect(schema).toContain(`"${word}"`);
  });
});
