import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { slotOf } from '../../src/alerts/alert.ts';
import { outcomesOf } from '../../src/alerts/carry-out.ts';
import { decide, type Judged, NO_PERIODS, type Periods } from '../../src/alerts/decide.ts';
import type { Finding } from '../../src/alerts/rule.ts';
import { NOW } from './sample.ts';

const SECOND_MS = 1_000;

/** Plays what rules find over time, and keeps the alerts as the watch does. */
class Play {
  readonly told: string[] = [];
  alerts = new Map<string, Alert>();
  #periods: Periods = NO_PERIODS;
  #elapsed = 0;
  #ids = 0;
  maintenance: string | null = null;

  /** Looks every second, so many times. */
  look(judged: readonly Judged[], seconds = 1): this {
    for (let second = 0; second < seconds; second += 1) {
      const { decisions, periods } = decide({
        judged,
        alerts: [...this.alerts.values()],
        periods: this.#periods,
        silencedBy: ({ devices }) => (devices.length > 0 ? this.maintenance : null),
        elapsed: this.#elapsed,
      });
      const outcomes = outcomesOf(decisions, this.alerts, {
        now: NOW + this.#elapsed,
        newId: () => `a${++this.#ids}`,
      });
      for (const { alert, tell } of outcomes) {
        if (tell !== null) this.told.push(`${tell.message.alert?.state} ${tell.message.alert?.title}`);
        if (alert.state === 'resolved') this.alerts.delete(slotOf(alert));
        else this.alerts.set(slotOf(alert), alert);
      }
      this.#periods = periods;
      this.#elapsed += SECOND_MS;
    }
    return this;
  }

  /** roomd ends and begins anew: what is on record stays, watching periods do not. */
  restart(): this {
    this.#periods = NO_PERIODS;
    return this;
  }
}

function finding(id: number, differs: Partial<Finding> = {}): Finding {
  return {
    key: String(id),
    deviceId: id,
    about: `r${id}`,
    devices: [`r${id}`],
    title: `r${id} is off`,
    cleared: `r${id} is back`,
    detail: '',
    remedy: '',
    ...differs,
  };
}

function rule(findings: readonly Finding[], differs: Partial<Judged> = {}): Judged {
  return {
    rule: 'device-offline',
    severity: 'warning',
    forMs: 10 * SECOND_MS,
    clearMs: 5 * SECOND_MS,
    notify: ['ops'],
    watches: new Set([1, 2, 3]),
    verdict: { findings, unjudged: { devices: new Set(), keys: new Set() } },
    ...differs,
  };
}

const unjudged = rule([], {
  verdict: { findings: [], unjudged: { devices: new Set([1]), keys: new Set() } },
});
const off = rule([finding(1)]);
const well = rule([]);

describe('an alert', () => {
  it('opens after its watching period, once, and is over after its own', () => {
    const play = new Play().look([off], 10);
    expect(play.told).toEqual([]);
    play.look([off], 60);
    expect(play.told).toEqual(['open r1 is off']);
    play.look([well], 5);
    expect(play.told).toHaveLength(1);
    play.look([well]);
    expect(play.told).toEqual(['open r1 is off', 'resolved r1 is back']);
    expect(play.alerts.size).toBe(0);
  });

  it('does not come of a flap, however often', () => {
    const play = new Play();
    for (let turn = 0; turn < 20; turn += 1) play.look([off], 9).look([well], 2);
    expect(play.told).toEqual([]);
  });

  it('stays one alert while the trouble flaps', () => {
    const play = new Play().look([off], 11);
    for (let turn = 0; turn < 20; turn += 1) play.look([well], 4).look([off], 3);
    expect(play.told).toEqual(['open r1 is off']);
  });

  it('does not begin, end or start anew while nobody can say', () => {
    const play = new Play().look([off], 8).look([unjudged], 30).look([off]);
    expect(play.told).toEqual(['open r1 is off']);
    play.look([unjudged], 60);
    expect(play.told).toHaveLength(1);
  });

  it('is not told again after a restart, and what was pending is watched anew', () => {
    const play = new Play().look([off], 11).restart();
    play.look([rule([finding(1), finding(2)])], 10);
    expect(play.told).toEqual(['open r1 is off']);
    play.look([rule([finding(1), finding(2)])]);
    expect(play.told).toEqual(['open r1 is off', 'open r2 is off']);
  });

  it('is closed when the file drops the device or the rule', () => {
    const play = new Play().look([off], 11);
    play.look([rule([], { watches: new Set([2]) })]);
    expect(play.alerts.size).toBe(0);
    const again = new Play().look([off], 11).look([]);
    expect(again.told).toEqual(['open r1 is off', 'resolved r1 is back']);
  });

  it('is told again when it gets worse, and not when it gets better', () => {
    const worse = rule([finding(1, { severity: 'critical' })]);
    const play = new Play().look([off], 11).look([worse], 3).look([off], 3);
    expect(play.told).toEqual(['open r1 is off', 'open r1 is off']);
  });
});

describe('silence', () => {
  it('records and tells nobody; at its end what still is wrong is told, once', () => {
    const play = new Play();
    play.maintenance = 'cabling';
    play.look([off], 20);
    expect([...play.alerts.values()]).toMatchObject([{ silenced: 'cabling', toldAt: null }]);
    expect(play.told).toEqual([]);
    play.maintenance = null;
    play.look([off], 20);
    expect(play.told).toEqual(['open r1 is off']);
  });

  it('leaves no word of what began and ended within it', () => {
    const play = new Play();
    play.maintenance = 'cabling';
    play.look([off], 20).look([well], 10);
    expect(play.told).toEqual([]);
    expect(play.alerts.size).toBe(0);
  });

  it('does not keep the end from those who were told of the beginning', () => {
    const play = new Play().look([off], 11);
    play.maintenance = 'cabling';
    play.look([well], 10);
    expect(play.told).toEqual(['open r1 is off', 'resolved r1 is back']);
  });
});

const site = (isOut: boolean): Judged =>
  rule(
    isOut
      ? [
          finding(0, {
            key: 'site=oslo',
            deviceId: null,
            about: 'site oslo',
            title: 'oslo is out',
            cleared: 'oslo is back',
          }),
        ]
      : [],
    { rule: 'site-outage' },
  );

describe('a larger trouble', () => {
  const whole = { rule: 'site-outage', key: 'site=oslo' };
  const part = (id: number): Finding => finding(id, { partOf: whole });
  it('tells for its parts, and its end for those that are left', () => {
    const play = new Play().look([site(true), rule([part(1), part(2), part(3)])], 60);
    expect(play.told).toEqual(['open oslo is out']);
    play.look([site(false), rule([part(3)])], 6);
    expect(play.told).toEqual(['open oslo is out', 'resolved oslo is back']);
    expect([...play.alerts.values()]).toMatchObject([{ about: 'r3', conversation: 'a1' }]);
    play.look([site(false), rule([])], 6);
    expect(play.told.at(-1)).toBe('resolved r3 is back');
    expect(play.told).toHaveLength(3);
  });

  it('holds its parts back while it is watched itself', () => {
    const early = new Play().look([site(false), rule([finding(1)])], 5);
    early.look([site(true), rule([part(1), part(2), part(3)])], 20);
    expect(early.told).toEqual(['open oslo is out']);
  });

  it('holds nothing back where its rule is switched off', () => {
    expect(new Play().look([rule([part(1)])], 11).told).toEqual(['open r1 is off']);
  });
});
