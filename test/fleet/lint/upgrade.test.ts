import { beforeAll, describe, expect, it } from 'vitest';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import { Library } from '../../../src/fleet/knowledge/library.ts';
import { deviceFacts } from '../../../src/fleet/lint/device-facts.ts';
import type { LintReport } from '../../../src/fleet/lint/finding.ts';
import { lintFleet } from '../../../src/fleet/lint/lint.ts';
import { lintLines } from '../../../src/fleet/lint/lint-text.ts';
import { sarifLog } from '../../../src/fleet/lint/sarif.ts';
import { hasFixtures, type Version, vendorText } from '../../schema/vendor-files.ts';
import { loadText, PW } from '../load-text.ts';
import { volumesOfText } from './vendor.ts';

const FILE = `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults:
  credentials: roomd
  configuration: { UserInterface.Theme.Name: Night, Conference.MaxReceiveCallRate: 6000 }
profiles:
  lobby:
    configuration:
      UserInterface.RoomScheduler.StatusWhenInUse: Booked
devices:
  - name: bar
    host: 10.0.0.1
    profiles: [lobby]
    feedback: { expressions: [/Status/Call] }
    configuration: { "Audio.Input.Ethernet[3].Equalizer.ID": 3, Security.Session.MaxFailedLogins: 0 }
  - name: desk
    host: 10.0.0.2
    deviceMacros: [lights.js]
    configuration: { Conference.DefaultCall.Webex.Rate: 0 }
  - name: other
    host: 10.0.0.3
`;

const PRODUCTS: Readonly<Record<string, string>> = { bar: 'brooklyn', desk: 'octavio', other: 'octavio' };

/** The settings of these products alone, which are quick to read. */
function volumesOf(version: Version) {
  const { objects } = JSON.parse(vendorText(version)) as {
    objects: { type: string; products: string[] }[];
  };
  const few = objects
    .filter(({ type }) => type === 'Configuration')
    .map((object) => ({
      ...object,
      products: object.products.filter((one) => Object.values(PRODUCTS).includes(one)),
    }))
    .filter(({ products }) => products.length > 0);
  return volumesOfText(version, JSON.stringify({ objects: few }));
}

describe.skipIf(!hasFixtures)('An upgrade from 11.27.2.0 to 26.4.1', () => {
  let fleet: Fleet;
  let report: LintReport;

  beforeAll(async () => {
    const loaded = await loadText(FILE, { env: PW, files: { '/etc/roomd/lights.js': 'x();' } });
    if (loaded.fleet === null) throw new Error(JSON.stringify(loaded.problems));
    fleet = loaded.fleet;
    const seen = fleet.devices.map(({ name }) => ({
      name,
      product: PRODUCTS[name] ?? '',
      software: 'ce11.27.2.0.5100d00000a',
    }));
    report = await lintFleet({
      devices: fleet.devices,
      all: fleet.devices,
      facts: deviceFacts(fleet.devices, seen, []),
      library: new Library([...volumesOf('11.27.2.0'), ...volumesOf('26.4.1')]),
      software: '26.4.1',
    });
  });

  /** `LINE:COLUMN rule path devices` of what an upgrade changes. */
  const told = (): string[] =>
    report.findings
      .filter(({ rule }) => ['vanishes', 'space-changes', 'default-changes'].includes(rule))
      .map(
        ({ place, rule, path, devices }) => `${place.line}:${place.column} ${rule} ${path} ${devices.join()}`,
      );

  it('tells what vanishes, what takes other values and which defaults change, with line and devices', () => {
    expect(told()).toEqual([
      '9:52 vanishes UserInterface.RoomScheduler.StatusWhenInUse bar',
      '5:46 space-changes UserInterface.Theme.Name bar,desk,other',
      '15:62 space-changes Audio.Input.Ethernet[3].Equalizer.ID bar',
      '5:84 default-changes Conference.MaxReceiveCallRate desk,other',
      '15:99 default-changes Security.Session.MaxFailedLogins bar',
      '16:11 default-changes Macros.EvaluateTranspiled desk',
      '16:11 default-changes Security.Session.MaxFailedLogins desk,other',
      '19:57 default-changes Conference.DefaultCall.Webex.Rate desk',
    ]);
    const relied = report.findings.find(({ path }) => path === 'Macros.EvaluateTranspiled');
    expect(relied?.message).toBe(
      'the file does not name Macros.EvaluateTranspiled, whose default is "False" after the upgrade; before, "True". It matters because device macros run by it.',
    );
    expect(relied?.remedy).toBe('Write "Macros.EvaluateTranspiled: True" where it is to stay as it is.');
  });

  it('is summed up for people and programs', () => {
    expect(report.summary.upgrade).toMatchObject({ vanish: 1, spaces: 2, defaults: 5, devices: 3 });
    const lines = lintLines(report, { from: '/etc/roomd', paint: (_, text) => text, notes: false });
    expect(lines.at(-2)).toMatch(
      /^Upgrade to 26\.4\.1: 1 line of the file vanishes, \d would be refused, 2 take other values, 5 defaults that the file relies on change; 3 of 3 devices affected\.$/,
    );
    expect(lines.join('\n')).toMatch(/fleet\.yaml:16:11: note: the file does not name Macros/);
  });

  it('stands on its lines for a code host', () => {
    const log = sarifLog(
      { findings: report.findings, problems: [] },
      { root: '/etc/roomd', version: '0.0.0', file: '/etc/roomd/fleet.yaml' },
    );
    const [run] = log.runs;
    const found = run.results.filter(({ ruleId }) => ruleId === 'vanishes');
    expect(found).toHaveLength(1);
    expect(found[0]?.message.text).toContain('is gone after the upgrade');
    expect(JSON.stringify(found[0]?.locations)).toContain('"region":{"startLine":9,"startColumn":52}');
    expect(run.results.filter(({ ruleId }) => ruleId === 'default-changes')).toHaveLength(5);
  });
});
