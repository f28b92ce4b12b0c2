import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { line } from './command-line.ts';

const FLEET = `version: 1
credentials: { rooms: { username: roomd, password: "\${env:NOT_SET}" } }
defaults: { credentials: rooms, timezone: Europe/Oslo }
devices:
  - { name: hall, host: 10.0.0.1 }
notifiers:
  ops: { webex: { roomId: room, token: "\${env:NOT_SET}" } }
macros:
  - name: greet
    when: { presence: { is: yes, for: 1m } }
    devices: hall
    steps:
      - message: { text: Welcome, duration: 30s }
      - notify: { to: ops, markdown: "somebody is in {{device.name}}" }
`;

function folder(tests: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'roomd-macro-test-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'fleet.yaml'), FLEET);
  writeFileSync(join(cwd, 'greet.test.yaml'), tests);
  return cwd;
}

describe('roomd macro test', { timeout: 120_000 }, () => {
  it('needs no secret, and tells what it found as JSON', async () => {
    const cwd = folder(`version: 1
tests:
  - name: greets
    given: { hall: { people: 1 } }
    steps:
      - when: [{ after: 90s }]
      - then:
          runs: [{ macro: greet, state: succeeded, count: 1 }]
          messages: [{ to: ops, contains: in hall, count: 1 }]
          devices: { hall: { screen: Welcome } }
`);
    const { code, out } = await line(['macro', 'test', '.', '--json'], { cwd });
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { passed: 1, failed: 0, tests: [{ name: 'greets', passed: true, passedMs: 90_000 }] },
    ]);
  });

  it('says where a test fails and what is there instead', async () => {
    const cwd = folder(`version: 1
tests:
  - name: expects too much
    given: { hall: { people: 1 } }
    steps:
      - when: [{ after: 90s }]
      - then:
          runs: [{ macro: greet, count: 2 }]
          devices: { hall: { screen: Good night, calls: [a@example.com] } }
  - name: presses what is not shown
    steps:
      - when: [{ devices: { hall: { press: Keep } } }]
  - name: has no such macro
    macros: [great]
    steps:
      - when: [{ after: 1s }]
`);
    const { code, out } = await line(['macro', 'test', '.'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(
      /greet\.test\.yaml:8:\d+: 2 runs were expected like this, there are 1\. greet ran: .* hall succeeded/,
    );
    expect(out).toMatch(
      /greet\.test\.yaml:9:\d+: "Good night" was to be shown, the screen shows \["Welcome"\]/,
    );
    expect(out).toMatch(/greet\.test\.yaml:9:\d+: expected \["a@example.com"\], it is \[\]/);
    expect(out).toMatch(/greet\.test\.yaml:12:\d+: hall: no prompt with such an option is shown/);
    expect(out).toMatch(/greet\.test\.yaml:14:\d+: the fleet has no macro "great"\..*Did you mean "greet"\?/);
    expect(out).toMatch(/0 passed, 3 failed$/);
  });

  it('refuses a file with mistakes, all at once and with their places', async () => {
    const cwd = folder(`version: 1
tests:
  - name: wrong
    start: tomorrow
    given: { hall: { peeple: 1 } }
    steps:
      - when: [{ after: soon }]
      - then: { runs: [{ macro: greet, state: fine }] }
`);
    const { code, err } = await line(['macro', 'test', '.'], { cwd });
    expect(code).toBe(4);
    expect(err).toMatch(/greet\.test\.yaml:4:\d+ .*write a time such as/);
    expect(err).toMatch(/greet\.test\.yaml:5:\d+ .*"peeple" is not known here.*Did you mean "people"/);
    expect(err).toMatch(/greet\.test\.yaml:7:\d+ .*is no duration/);
    expect(err).toMatch(/greet\.test\.yaml:8:\d+ .*state/);
  });
});
