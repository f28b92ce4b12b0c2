import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { document, ROOT } from '../docs/documents.ts';
import { programAt, runProgram } from '../support/programs.ts';
import { eventually, fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const RULES = document('deploy/prometheus/rules.yml');
const DASHBOARD = document('deploy/grafana/roomd.json');
const promtool = programAt('promtool');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

function metricsIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => text.match(/\b(?:roomd|process|nodejs)_[a-z0-9_]+/g) ?? []);
  return [...new Set(found.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')))].toSorted();
}

const EXPRESSIONS = {
  rules: (parse(RULES) as Rules).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  dashboard: (JSON.parse(DASHBOARD) as { panels: Panel[] }).panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  ),
};

describe('The metrics of a running daemon', () => {
  it('have every name that the alert rules and the dashboard use', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { get } = await runDaemon(fleetText({ devices: simulator.devices }));
    const text = await (await get('/metrics')).text();
    const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    for (const expressions of Object.values(EXPRESSIONS)) {
      const used = metricsIn(expressions);
      expect(used.length).toBeGreaterThan(10);
      expect(used.filter((name) => !told.has(name))).toEqual([]);
    }
  });

  it('count what the fleet does, name single devices only in small fleets, and count requests', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'attic', offline: true }]);
    const { get, post } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: { 'Audio.DefaultVolume': '60' } }),
    );
    const metrics = async () => await (await get('/metrics')).text();
    await eventually(async () => {
      const text = await metrics();
      expect(text).toContain('roomd_devices{session="up"} 1');
      expect(text).toContain('roomd_devices{session="unreachable"} 1');
      expect(text).toContain('roomd_device_up{device="hall",site=""} 1');
      expect(text).toContain('roomd_device_up{device="attic",site=""} 0');
      expect(text).toContain('roomd_configuration_devices{state="drift"} 1');
      expect(text).toContain('roomd_differing_settings 1');
      expect(text).toContain('roomd_part_ok{part="database"} 1');
      expect(text).toMatch(/roomd_presence_rooms\{presence="unknown"\} [12]/);
    });
    await post('/api/v1/apply', {});
    await eventually(async () => {
      const text = await metrics();
      expect(text).toContain('roomd_writes_total{outcome="accepted"} 1');
      expect(text).toContain('roomd_differing_settings 0');
      expect(text).toContain('roomd_http_requests_total{verb="apply",status="2xx"} 1');
      expect(text).toMatch(/roomd_database_write_duration_seconds_count\{result="ok"\} [1-9]/);
      expect(text).toMatch(/roomd_database_size_bytes\{file="main"\} [1-9]/);
    });
    const large = await runDaemon(
      fleetText({ devices: simulator.devices, daemon: '  metrics: { devices: 1 }' }),
    );
    expect(await (await large.get('/metrics')).text()).not.toContain('roomd_device_up{');
  });
});

describe.skipIf(promtool === null)('What Prometheus itself says (needs promtool)', () => {
  it('of the rules: they are rules, and do what their tests say', () => {
    const check = runProgram(promtool ?? '', ['check', 'rules', `${ROOT}/deploy/prometheus/rules.yml`]);
    expect(check).toMatchObject({ code: 0 });
    const test = runProgram(promtool ?? '', ['test', 'rules', `${ROOT}/deploy/prometheus/tests.yml`]);
    expect(test).toMatchObject({ code: 0 });
  });

  it('of the example of a configuration: it is one', () => {
    const path = `${ROOT}/deploy/prometheus/scrape.yml`;
    const check = runProgram(promtool ?? '', ['check', 'config', '--syntax-only', path]);
    expect(check).toMatchObject({ code: 0 });
  });

  it('of the metrics: nothing to complain about', async () => {
    const { get } = await runDaemon(fleetText({ devices: (await simulated([{ name: 'hall' }])).devices }));
    const text = await (await get('/metrics')).text();
    expect(runProgram(promtool ?? '', ['check', 'metrics'], text)).toEqual({ code: 0, out: '' });
  });

  it('of the expressions of the dashboard: they are PromQL', () => {
    const rules = EXPRESSIONS.dashboard.map((expr, at) => ({ record: `panel:${at}`, expr: plain(expr) }));
    const text = JSON.stringify({ groups: [{ name: 'dashboard', rules }] });
    const path = join(temporaryFolder(), 'dashboard.json');
    writeFileSync(path, text);
    const check = runProgram(promtool ?? '', ['check', 'rules', path]);
    expect(check).toMatchObject({ code: 0 });
  });
});

describe('The dashboard', () => {
  it('has panels that lie beside each other, each with something to show', () => {
    const { panels } = JSON.parse(DASHBOARD) as { panels: Panel[] };
    const taken = new Set<string>();
    for (const { title, type, targets = [], gridPos } of panels) {
      expect([title, type === 'row' || targets.length > 0]).toEqual([title, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(x < 24 && !taken.has(`${x} ${y}`)).toBe(true);
          taken.add(`${x} ${y}`);
        }
    }
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toHaveLength(7);
  });
});

/** Without Grafana's variables. */
function plain(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*');
}
