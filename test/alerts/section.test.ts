import { describe, expect, it } from 'vitest';
import { alertsOf, alertsSection } from '../../src/alerts/alerts-section.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { formatProblem } from '../../src/fleet/problem.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { Secret } from '../../src/lib/secret.ts';

const HEAD = `version: 1
credentials: { rooms: { username: a, password: "\${env:PW}" } }
defaults: { credentials: rooms, timezone: Europe/Oslo }
devices:
  - { name: r1, host: 10.0.0.1, tags: { site: oslo } }
`;

async function load(more: string, head = HEAD) {
  const { fleet, problems } = await loadFleet('/f/fleet.yaml', {
    readFile: () => Promise.resolve(head + more),
    secrets: secretSource({ PW: 'x', HOOK: 's', FLOW: 'https://a.example.com/?sig=x' }),
    sections: [alertsSection],
  });
  return { fleet, problems: problems.map(formatProblem) };
}

describe('the section alerts', () => {
  it('has defaults for all that it does not say, also where it is missing', async () => {
    const without = (await load('')).fleet;
    const empty = (await load('alerts: {}')).fleet;
    expect(without).not.toBeNull();
    if (without === null || empty === null) return;
    expect(alertsOf(empty)).toEqual(alertsOf(without));
    expect(alertsOf(empty)).toMatchObject({
      notify: [],
      siteOutage: { by: 'site', share: 0.5, least: 3 },
      rules: {
        'device-offline': { enabled: true },
        'call-failures': { times: 3, within: 3_600_000 },
        diagnostics: { level: 'error' },
      },
    });
  });

  it('is read whole', async () => {
    const { fleet, problems } = await load(`notifiers:
  ops: { webhook: { url: "https://hooks.example.com/x", secret: "\${env:HOOK}" } }
alerts:
  notify: [ops]
  rules:
    device-offline: { for: 5m, clear: 0s, severity: critical, devices: site=oslo, notify: [] }
    presence-stuck: { enabled: false }
  siteOutage: { by: site, share: 30%, least: 2 }
  expectedOff: [{ devices: all, days: [sat-sun], from: 00:00, to: 24:00 }]
  maintenance:
    - { devices: r1, schedule: "0 2 * * 0", for: 2h, reason: patches }
    - { devices: all, from: 2026-12-24, to: 2026-12-26T12:00, reason: holidays }
`);
    expect(problems).toEqual([]);
    expect(fleet === null ? null : alertsOf(fleet)).toMatchObject({
      rules: { 'device-offline': { for: 300_000, clear: 0, severity: 'critical', notify: [] } },
      siteOutage: { share: 0.3, least: 2 },
    });
  });

  it('says of everything that is wrong where it stands and what would be right', async () => {
    const { problems } = await load(`alerts:
  notify: [opps]
  rules:
    device-ofline: { for: 5m }
    call-failures: { times: 0, within: soon }
    clock-skew: { devices: site=bergen & nosuch }
  siteOutage: { by: building, share: 0% }
  expectedOff:
    - { devices: all, from: 22:00, to: 22:00 }
  maintenance:
    - { devices: all, schedule: "0 25 * * *", for: 2h, reason: x }
    - { devices: all, schedule: "0 2 * * *", reason: x }
    - { devices: all, from: 2026-12-24, to: 2026-12-01, reason: x }
    - { devices: all, reason: x }
`);
    const text = problems.join('\n');
    expect(text).toMatch(
      /fleet\.yaml:9:5 .*"device-ofline" is not known here\. Did you mean "?device-offline/,
    );
    expect(text).toMatch(
      /fleet\.yaml:10:\d+ alerts\.rules\.call-failures\.times: one call must fail at least/,
    );
    expect(text).toMatch(/fleet\.yaml:10:\d+ .*"soon" is no duration/);
    expect(text).toMatch(/fleet\.yaml:12:\d+ .*"0%" is no share/);
    expect(text).toMatch(/fleet\.yaml:14:\d+ .*this window never opens/);
    expect(text).toMatch(/fleet\.yaml:17:\d+ .*this maintenance never ends; write for/);
    expect(text).toMatch(/fleet\.yaml:18:\d+ .*ends before it begins/);
    expect(text).toMatch(/fleet\.yaml:19:\d+ .*either a schedule .* or a from/);
  });

  it('misses the tag of sites only where somebody wrote its name', async () => {
    const untagged = HEAD.replace(', tags: { site: oslo }', '');
    for (const section of ['alerts: { notify: [] }\n', 'alerts:\n  siteOutage: { share: 30% }\n'])
      expect((await load(section, untagged)).problems).toEqual([]);
    for (const section of [
      'alerts: { siteOutage: { by: site } }\n',
      'alerts:\n  siteOutage:\n    by: site\n',
    ])
      expect((await load(section, untagged)).problems.join()).toMatch(/no device has a tag "site"/);
  });

  it('knows the names of the rest of the file', async () => {
    const { problems } = await load(`notifiers:
  ops: { alertmanager: { url: "http://am.example.com:9093" } }
alerts:
  notify: [opps]
  rules:
    clock-skew: { devices: nosuch }
  siteOutage: { by: building }
  maintenance:
    - { devices: all, schedule: "0 25 * * *", for: 2h, reason: x }
`);
    const text = problems.join('\n');
    expect(text).toMatch(
      /fleet\.yaml:9:\d+ alerts\.notify\[0\]: there is no notifier "opps"; declared are ops/,
    );
    expect(text).toMatch(/fleet\.yaml:11:\d+ .*no device is named "nosuch"/);
    expect(text).toMatch(/fleet\.yaml:12:\d+ .*no device has a tag "building"/);
    expect(text).toMatch(/fleet\.yaml:14:\d+ .*the hour/);
  });
});

it('misses no tag that nobody wrote', async () => {
  const { problems } = await load('alerts: { rules: { slot-failing: { for: 5m } } }\n');
  expect(problems.join('\n')).not.toContain('siteOutage');
});

describe('notifiers', () => {
  it('are read with their ports and secrets', async () => {
    const { fleet, problems } = await load(`notifiers:
  mail: { email: { host: smtp.example.com, user: u, password: "\${env:PW}", from: roomd@example.com, to: ops@example.com } }
  hook: { webhook: { url: "https://hooks.example.com/x/", secret: "\${env:HOOK}" } }
  am: { alertmanager: { url: "http://am.example.com:9093/" } }
  flow: { teams: { url: "\${env:FLOW}" } }
`);
    expect(problems).toEqual([]);
    expect(fleet?.notifiers).toMatchObject({
      mail: { email: { port: 587, tls: 'starttls', to: ['ops@example.com'], login: { user: 'u' } } },
      hook: { webhook: { url: 'https://hooks.example.com/x' } },
      am: { alertmanager: { url: 'http://am.example.com:9093' } },
      flow: { teams: { url: expect.any(Secret) as Secret } },
    });
    expect(JSON.stringify(fleet?.notifiers)).not.toContain('"x"');
  });

  it.each([
    ['{}', /exactly one of webex, email, webhook, alertmanager, teams/],
    ['{ webhook: { url: "https://a.b/" } }', /"secret" is missing/],
    ['{ webhook: { url: "ftp://a.b/", secret: "${env:HOOK}" } }', /is no URL/],
    ['{ teams: { url: "https://a.b/?sig=1" } }', /this URL stands in the file for everyone to read/],
    ['{ alertmanager: { url: "http://u:p@am.example.com" } }', /takes none there|stands there for everyone/],
    ['{ email: { host: h, from: nobody, to: a@b.c } }', /"nobody" is no mail address/],
    ['{ email: { host: h, user: u, from: a@b.c, to: a@b.c } }', /user and password stand together/],
    [
      '{ email: { host: h, tls: none, user: u, password: "${env:PW}", from: a@b.c, to: a@b.c } }',
      /cross the network in the clear/,
    ],
  ])('that are wrong are told so: %s', async (written, message) => {
    expect((await load(`notifiers:\n  ops: ${written}\n`)).problems.join('\n')).toMatch(message);
  });
});
