import { beforeAll, describe, expect, it } from 'vitest';
import type { DesiredDevice, DesiredSetting } from '../../../src/fleet/fleet.ts';
import { Library } from '../../../src/fleet/knowledge/library.ts';
import { deviceFacts } from '../../../src/fleet/lint/device-facts.ts';
import type { LintReport, Rule } from '../../../src/fleet/lint/finding.ts';
import { lintFleet } from '../../../src/fleet/lint/lint.ts';
import { type ConcreteSetting, concreteSettings } from '../../../src/schema/path-index.ts';
import type { ProductSchema } from '../../../src/schema/product-schema.ts';
import { modelFromSchema } from '../../../src/simulator/models/from-schema.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { hasFixtures, VERSIONS, type Version, vendorSchema, vendorText } from '../../schema/vendor-files.ts';
import { volumesOfText } from './vendor.ts';

const FILE = '/campus/fleet.yaml';

/** A device that has these settings, each from a line of its own. */
function device(name: string, settings: readonly (readonly [string, string])[]): DesiredDevice {
  const configuration = new Map<string, DesiredSetting>(
    settings.map(([path, value], at) => {
      const place = { file: FILE, line: at + 1, column: 1 };
      return [path, { path, value, origin: { layer: name, place, shown: value }, overridden: [] }];
    }),
  );
  return { ...sampleDevice(name), name, configuration };
}

function defaultsOf(schema: ProductSchema): (readonly [string, string])[] {
  return concreteSettings(schema, 1).map(({ path, default: value }) => [path, value ?? '']);
}

const schemas = new Map<Version, ProductSchema[]>();
let library = new Library([]);

beforeAll(() => {
  if (!hasFixtures) return;
  for (const version of VERSIONS) {
    const schema = vendorSchema(version);
    schemas.set(
      version,
      schema.products.map((name) => schema.product(name)),
    );
  }
  library = new Library(VERSIONS.flatMap((version) => volumesOfText(version, vendorText(version))));
}, 60_000);

/** One device of every product, called by its code name; `as` tells what it says of itself. */
function campus(
  version: Version,
  settings: (schema: ProductSchema) => readonly (readonly [string, string])[],
): DesiredDevice[] {
  return (schemas.get(version) ?? []).map((schema) => device(schema.product, settings(schema)));
}

function lint(
  devices: readonly DesiredDevice[],
  runs: Version,
  {
    software = null,
    product = (code) => code,
  }: { software?: string | null; product?: (code: string) => string } = {},
): Promise<LintReport> {
  const seen = devices.map(({ name }) => ({
    name,
    product: product(name),
    software: `ce${runs}.5100d00000a`,
  }));
  return lintFleet({ devices, all: devices, facts: deviceFacts(devices, seen, []), library, software });
}

function paths(report: LintReport, rule: Rule, name: string): string[] {
  return report.findings
    .filter((finding) => finding.rule === rule && finding.devices.includes(name))
    .map(({ path }) => path ?? '')
    .sort();
}

function rulesOf({ findings }: LintReport): Rule[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

/** What a device of that code name says of itself. */
function productId(code: string): string {
  const schema = (schemas.get('26.4.1') ?? []).find(({ product }) => product === code);
  return schema === undefined ? code : modelFromSchema(schema).productId;
}

describe.skipIf(!hasFixtures)('A campus of every product', () => {
  it.each(VERSIONS)(
    'with every setting of %s at its default draws no objection but to what only auditors write',
    async (version) => {
      const devices = campus(version, defaultsOf);
      const report = await lint(devices, version);
      expect(report.summary.checked).toBe(devices.length);
      expect(rulesOf(report)).toEqual(['equals-default', 'role-not-allowed']);
      expect(
        report.findings.filter(({ rule }) => rule === 'role-not-allowed').map(({ path }) => path),
      ).toEqual(expect.arrayContaining(['Security.Audit.Logging.Mode']));
      for (const schema of schemas.get(version) ?? []) {
        const audit = concreteSettings(schema, 1).filter(({ setting }) => !setting.roles.includes('Admin'));
        expect(paths(report, 'role-not-allowed', schema.product)).toEqual(
          audit.map(({ path }) => path).sort(),
        );
      }
    },
  );

  it('of 26.4.1 has every planted fault found on every product, and nothing else', async () => {
    const faults: readonly (readonly [
      string,
      (setting: ConcreteSetting) => readonly [string, string] | null,
    ])[] = [
      ['unknown-setting', ({ path }) => [`${path}Zzzzzzzzzzz`, 'x']],
      [
        'out-of-range',
        ({ path, setting: { valueSpace: space } }) =>
          space.type === 'Integer' && space.max !== null ? [path, String(space.max + 1)] : null,
      ],
      [
        'wrong-type',
        ({ path, setting: { valueSpace: space } }) => (space.type === 'Integer' ? [path, 'many'] : null),
      ],
      [
        'not-a-choice',
        ({ path, setting: { valueSpace: space } }) => (space.type === 'Literal' ? [path, 'Zebra'] : null),
      ],
      [
        'letter-case',
        ({ path, setting: { valueSpace: space } }) =>
          space.type === 'Literal' && space.values.includes('Off') ? [path, 'oFF'] : null,
      ],
      [
        'wrong-length',
        ({ path, setting: { valueSpace: space } }) =>
          space.type === 'String' && space.maxLength !== null && space.maxLength < 2_000
            ? [path, 'å'.repeat(Math.floor(space.maxLength / 2) + 1)]
            : null,
      ],
      [
        'index-out-of-bounds',
        ({ path }) => (path.includes('[1]') ? [path.replace('[1]', '[999]'), 'On'] : null),
      ],
    ];
    for (const [rule, plant] of faults) {
      const planted = new Map<string, string[]>();
      const devices = campus('26.4.1', (schema) => {
        // To name what was meant takes a look at every name there is, so of unknown ones there are fewer. Every twelfth is enough of the others.
        const every = rule === 'unknown-setting' ? 80 : 12;
        const lines = concreteSettings(schema, 0)
          .filter(({ setting }, at) => setting.roles.includes('Admin') && at % every === 0)
          .flatMap((setting) => {
            const fault = plant(setting);
            return fault === null ? [] : [fault];
          });
        const unique = [...new Map(lines).entries()];
        planted.set(schema.product, unique.map(([path]) => path).sort());
        return unique;
      });
      const report = await lint(devices, '26.4.1');
      expect(rulesOf(report)).toEqual([rule]);
      for (const { name } of devices)
        expect([name, paths(report, rule as Rule, name)]).toEqual([name, planted.get(name)]);
    }
  }, 60_000);

  it('of 26.4.1 is known by what devices say of themselves, variants of a product told apart where they differ', async () => {
    const devices = campus('26.4.1', (schema) => defaultsOf(schema).filter((_, at) => at % 5 === 0));
    const report = await lint(devices, '26.4.1', { product: productId });
    expect(report.summary).toMatchObject({ devices: 16, checked: 16 });
    const doubtful = new Set(
      report.findings.filter(({ rule }) => rule === 'depends-on-variant').flatMap(({ devices }) => devices),
    );
    expect([...doubtful].every((name) => name.startsWith('barents'))).toBe(true);
    expect(
      report.findings.filter(({ level, rule }) => level === 'error' && rule !== 'role-not-allowed'),
    ).toEqual([]);
  });
});

describe.skipIf(!hasFixtures)('The upgrade to 26.4.1', () => {
  it.each(['11.27.2.0', '9.15.17.4'] as const)(
    'from %s says for every product what vanishes and what changes',
    async (from) => {
      const devices = campus(from, defaultsOf);
      const report = await lint(devices, from, { software: '26.4.1' });
      const after = new Map((schemas.get('26.4.1') ?? []).map((schema) => [schema.product, schema]));
      const gone = devices.filter(({ name }) => !after.has(name)).map(({ name }) => name);
      expect(gone).toContain('svea');
      const unchecked = report.findings.filter(({ rule }) => rule === 'not-checked');
      expect(unchecked.flatMap(({ devices: names }) => names).sort()).toEqual(gone.sort());
      expect(report.summary.checked).toBe(devices.length - gone.length);
      let vanished = 0;
      for (const schema of schemas.get(from) ?? []) {
        const next = after.get(schema.product);
        if (next === undefined) continue;
        const old = concreteSettings(schema, 1);
        const now = new Map(concreteSettings(next, 1).map((one) => [one.path.toLowerCase(), one]));
        const expected = (test: (before: ConcreteSetting, present: ConcreteSetting | undefined) => boolean) =>
          old
            .filter((one) => test(one, now.get(one.path.toLowerCase())))
            .map(({ path }) => path)
            .sort();
        const missing = expected((_, present) => present === undefined);
        vanished += missing.length;
        expect([schema.product, paths(report, 'vanishes', schema.product)]).toEqual([
          schema.product,
          missing,
        ]);
        expect(paths(report, 'default-changes', schema.product)).toEqual(
          expected((before, present) => present !== undefined && present.default !== before.default),
        );
      }
      expect(vanished).toBeGreaterThan(0);
      console.log(
        `${from} to 26.4.1: ${vanished} settings of ${report.summary.checked} products vanish; ${JSON.stringify(count(report))}`,
      );
    },
  );

  it('shows that the websocket is on and accounts are locked after failed logins, by their defaults', async () => {
    const wanted = [
      ['NetworkServices.Websocket', 'Off'],
      ['Security.Session.MaxFailedLogins', '0'],
    ] as const;
    const report = await lint([device('barents', wanted)], '9.15.17.4', { software: '26.4.1' });
    expect(report.findings.map(({ rule, path, message }) => `${rule} ${path}: ${message}`)).toEqual([
      expect.stringMatching(
        /^default-changes NetworkServices\.Websocket: .*"FollowHTTPService" after.*before, "Off"/,
      ),
      expect.stringMatching(/^default-changes Security\.Session\.MaxFailedLogins: .*"5" after.*before, "0"/),
      // The file does not name it and lives by its default.
      expect.stringMatching(
        /^default-changes RoomAnalytics\.PeoplePresenceDetector: .*"On" after.*before, "Off"/,
      ),
    ]);
  });
});

function count({ findings }: LintReport): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
  return counts;
}
