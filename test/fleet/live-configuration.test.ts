import { describe, expect, it } from 'vitest';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { LiveConfigurations } from '../../src/fleet/live-configuration.ts';
import { throughDevice } from '../../src/fleet/through-device.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { LaidOutConfiguration } from '../../src/xapi/configuration-document.ts';
import type { Device, SessionNews, SessionStatus } from '../../src/xapi/device.ts';
import { ToldDevice } from '../feedback/support.ts';
import { sampleDevice } from '../macros/sample-fleet.ts';
import { keepingLogger } from '../support/world.ts';
import { ShiftedClock, settingsOf } from './world.ts';

const IDENTITY = { serial: 'ONE', product: 'Cisco Room Kit', software: 'ce26.4.1', systemName: null };
const DELAY = 'Standby.Delay';
const RESOLUTION = 'Video.Output.Connector[1].Resolution';

/** A device whose session and documents are what the test says. */
class TestDevice {
  readonly held = new Map([
    [DELAY, '10'],
    [RESOLUTION, 'Auto'],
    ['Audio.DefaultVolume', '50'],
  ]);
  reads = 0;
  /** What happens between the question and the answer. */
  meanwhile: () => void = () => undefined;
  readonly device: Device;
  #status: SessionStatus = { state: 'idle', since: 0, reason: null, errorCode: null };
  #tell: (news: SessionNews) => void = () => undefined;

  constructor() {
    this.device = throughDevice(new ToldDevice(1), {
      readConfiguration: () => {
        this.reads += 1;
        const document = new LaidOutConfiguration(new Map(this.held));
        this.meanwhile();
        return Promise.resolve(document);
      },
      writeConfiguration: (settings) => {
        for (const { path, value } of settings) this.held.set(path, value);
        return Promise.resolve(settings.map(({ path }) => ({ path, outcome: 'accepted' as const })));
      },
    });
    this.device.session = () => this.#status;
    this.device.subscribe = (listen) => {
      this.#tell = listen;
      return () => undefined;
    };
  }

  becomes(state: SessionStatus['state'], errorCode: SessionStatus['errorCode'] = null): void {
    this.#status = { state, since: 0, reason: null, errorCode };
    this.#tell({ type: 'status', status: this.#status });
  }

  connects(errorCode: SessionStatus['errorCode'] = null, software = IDENTITY.software): void {
    this.becomes('up', errorCode);
    this.#tell({ type: 'snapshot', identity: { ...IDENTITY, software }, status: new Map() });
  }

  reports(leaves: Record<string, string>, gone: string[] = []): void {
    const delta = {
      tree: 'Configuration' as const,
      leaves: new Map(Object.entries(leaves)),
      gone,
      bare: new Map(),
    };
    this.#tell({ type: 'delta', delta });
  }
}

interface Stage {
  readonly test: TestDevice;
  readonly live: LiveConfigurations;
  readonly clock: ShiftedClock;
  readonly desired: DesiredDevice;
  readonly read: () => Promise<void>;
  /** What is known of a setting without reading; undefined: the device must be read. */
  readonly known: (path?: string) => Promise<string | null | undefined>;
}

function stage({ logger = silentLogger, lateMs = 20 } = {}): Stage {
  const clock = new ShiftedClock();
  const test = new TestDevice();
  const live = new LiveConfigurations({ sweepMs: () => 60_000, lateMs: () => lateMs }, { clock, logger });
  const desired = sampleDevice('room-1', {
    configuration: settingsOf({ [DELAY]: '30', [RESOLUTION]: 'Auto', 'Bogus.Setting': '1' }),
  });
  live.watch(test.device);
  return {
    test,
    live,
    clock,
    desired,
    async read() {
      await live.observed(desired, test.device, { forPlan: true }).readConfiguration();
    },
    async known(path = DELAY) {
      const known = live.known(desired, test.device);
      if (known === null) return undefined;
      return (await known.device.readConfiguration()).find(path)?.value ?? null;
    },
  };
}

describe('what is known of a configuration', () => {
  it('is what was read while a session is up that reports it, and what that reported since', async () => {
    const { test, live, desired, read, known } = stage();
    await read();
    expect(await known()).toBeUndefined();
    test.connects();
    expect(await known()).toBeUndefined();
    await read();
    expect(await known()).toBe('10');
    test.reports({ 'standby.delay': '99', 'Audio.DefaultVolume': '60' });
    expect(await known()).toBe('99');
    expect(await known('Bogus.Setting')).toBeNull();
    expect(await live.known(desired, test.device)?.device.identify()).toEqual(IDENTITY);
    expect(test.reads).toBe(2);
  });

  it('is nothing after a session that ended, another connect, or one that refused to report', async () => {
    const { test, read, known } = stage();
    test.connects();
    await read();
    test.becomes('waiting');
    expect(await known()).toBeUndefined();
    test.connects();
    expect(await known()).toBeUndefined();
    await read();
    expect(await known()).toBe('10');
    test.connects('permission');
    await read();
    expect(await known()).toBeUndefined();
  });

  it('is nothing of settings that were not asked for', async () => {
    const { test, live, desired, read } = stage();
    test.connects();
    await read();
    const more = sampleDevice('room-1', { configuration: settingsOf({ 'Audio.DefaultVolume': '50' }) });
    expect(live.known(more, test.device)).toBeNull();
    await live.observed(more, test.device, { forPlan: true }).readConfiguration();
    expect(live.known(more, test.device)).not.toBeNull();
    expect(live.known(desired, test.device)).not.toBeNull();
  });

  it('is nothing once the sweep is due', async () => {
    const { test, clock, read, known } = stage();
    test.connects();
    await read();
    clock.aheadMs += 60_001;
    expect(await known()).toBeUndefined();
  });

  it('is nothing after news that cannot be placed: what is gone, what was absent, another spelling', async () => {
    const { test, read, known } = stage();
    test.connects();
    const news: [Record<string, string>, string[]][] = [
      [{}, ['Video.Output.Connector[1]']],
      [{ 'Bogus.Setting': '2' }, []],
      [{ 'Video.Output.Connector.Resolution': 'Auto' }, []],
    ];
    for (const [leaves, gone] of news) {
      await read();
      expect(await known()).toBe('10');
      test.reports(leaves, gone);
      expect(await known()).toBeUndefined();
    }
    await read();
    test.reports({ 'Video.Output.Connector[2].Resolution': 'Auto' });
    expect(await known()).toBe('10');
  });

  it('is nothing where an answer contradicts what was reported while it was on its way', async () => {
    const { test, read, known } = stage();
    test.connects();
    test.meanwhile = () => test.reports({ [DELAY]: '99' });
    await read();
    expect(await known()).toBeUndefined();
    test.held.set(DELAY, '99');
    await read();
    expect(await known()).toBe('99');
  });

  it('is nothing of a reading during which the session ended', async () => {
    const { test, read, known } = stage();
    test.connects();
    test.meanwhile = () => {
      test.becomes('waiting');
      test.connects();
    };
    await read();
    expect(await known()).toBeUndefined();
  });

  it('is nothing of what roomd writes until that is read back, and a late report of it is no matter', async () => {
    const { test, live, desired, read, known } = stage();
    test.connects();
    await read();
    const observed = live.observed(desired, test.device, { forPlan: false });
    await observed.writeConfiguration([{ path: DELAY, value: '30' }]);
    expect(await known()).toBeUndefined();
    await read();
    expect(await known()).toBe('30');
    test.reports({ [DELAY]: '30' });
    expect(await known()).toBe('30');
  });

  it('is nothing where a post says otherwise', async () => {
    const { test, live, read, known } = stage();
    test.connects();
    await read();
    const post = (leaves: Record<string, string>) =>
      live.heardByPost(1, {
        tree: 'Configuration',
        leaves: new Map(Object.entries(leaves)),
        gone: [],
        bare: new Map(),
      });
    post({ [DELAY]: '10', 'Audio.DefaultVolume': '99' });
    expect(await known()).toBe('10');
    post({ [DELAY]: '11' });
    expect(await known()).toBeUndefined();
  });
});

describe('a session that leaves a change out', () => {
  it('is found by a reading, told, and not relied on again until other software runs', async () => {
    const { logger, lines } = keepingLogger();
    const { test, read, known } = stage({ logger });
    test.connects();
    await read();
    test.held.set(RESOLUTION, '1920_1080_60');
    await read();
    // A report under way has its time, whatever is read meanwhile.
    expect(await known()).toBeUndefined();
    await read();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(lines).toMatchObject([{ level: 'warn', facts: { device: 'room-1', settings: [RESOLUTION] } }]);
    await read();
    expect(await known()).toBeUndefined();
    test.connects();
    await read();
    expect(await known()).toBeUndefined();
    test.connects(null, 'ce26.5.0');
    await read();
    expect(await known(RESOLUTION)).toBe('1920_1080_60');
  });

  it('is cleared where the report comes after all', async () => {
    const { logger, lines } = keepingLogger();
    const { test, read, known } = stage({ logger, lateMs: 60_000 });
    test.connects();
    await read();
    test.held.set(DELAY, '99');
    await read();
    expect(await known()).toBeUndefined();
    test.reports({ [DELAY]: '99' });
    expect(await known()).toBe('99');
    expect(lines).toEqual([]);
  });
});
