import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { oneWay, otherWay, type SimulatorSettings } from '../../src/simulator/settings.ts';

const SAME_BOTH_WAYS = `
  basicPerSecond basicQueue sessionPerSecond sessionQueue lockoutMs latencyMs
  presenceYesMs presenceNoMs dialStepMs connectMs ringMs hangUpStepMs
  accountRoles rejectingNumbers silentNumbers failingNumbers bootLeadMs rebootMs upgradeMs upgradeFallsBack standbyStepMs
  faultLatencyMs faultSlowMs faultClockSkewMs feedbackTimeoutMs`
  .trim()
  .split(/\s+/);

it('differs between the presets in every unknown, and only there', () => {
  const same = (Object.keys(oneWay) as (keyof SimulatorSettings)[]).filter(
    (name) => JSON.stringify(oneWay[name]) === JSON.stringify(otherWay[name]),
  );
  expect(same.toSorted()).toEqual(SAME_BOTH_WAYS.toSorted());
});

it('is described in docs/simulator.md, every one', () => {
  const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
  const missing = Object.keys(oneWay).filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
