import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/fleet/change.ts';
import type { DevicePlan } from '../../../src/fleet/plan.ts';
import { foreseenFailure, refusalOf } from '../../../src/fleet/rollout/begin.ts';
import type { RolloutDevice } from '../../../src/fleet/rollout/rollout.ts';
import { deviceOf, rolloutOf, strategy } from './rollouts.ts';

const PLACE = { file: 'fleet.yaml', line: 12, column: 5 };
const REFUSED = { path: 'Audio.DefaultVolume', message: 'the device refuses "120".', place: PLACE };

function planOf(name: string, changes: Partial<DevicePlan> = {}): DevicePlan {
  const nothing = { reason: null, identity: null, changes: [], untouched: 0, problems: [], hints: [] };
  return { name, state: 'drift', ...nothing, ...changes };
}

function plansOf(...plans: readonly DevicePlan[]): ReadonlyMap<string, DevicePlan> {
  return new Map(plans.map((plan) => [plan.name, plan]));
}

const BRINGS = { after: { 'Audio.DefaultVolume': { value: '120' } } };

function foreseen(
  devices: readonly RolloutDevice[],
  { bad, may = 0 }: { bad: readonly number[]; may?: number },
) {
  return foreseenFailure(
    {
      campaign: rolloutOf({}, { ...strategy, failureBudget: { kind: 'number', devices: may } }),
      devices,
    },
    plansOf(...bad.map((id) => planOf(`room-${id}`, { problems: [REFUSED] }))),
  );
}

describe('A rollout of which the plan says that more devices would refuse a line than may fail', () => {
  const three = [1, 2, 3].map((id) => deviceOf(id, BRINGS));

  test('does not begin, and names devices, lines and what to do', () => {
    expect(foreseen(three, { bad: [3] })).toBe(
      '1 of 3 devices would fail, 0 may: room-3 (fleet.yaml:12:5: Audio.DefaultVolume: the device refuses "120"); mend the lines, or leave these devices out with --devices',
    );
    expect(foreseen(three, { bad: [] })).toBeNull();
  });

  test('begins where the budget bears it', () => {
    expect(foreseen(three, { bad: [3], may: 1 })).toBeNull();
    expect(foreseen(three, { bad: [1, 3], may: 1 })).toMatch(/^2 of 3 devices would fail, 1 may: room-1 /);
  });

  test('is not judged by what a device lacked before, nor by devices that are left out', () => {
    expect(foreseen([deviceOf(3, { ...BRINGS, before: BRINGS.after })], { bad: [3] })).toBeNull();
    expect(foreseen([deviceOf(3, { ...BRINGS, state: 'left-out' })], { bad: [3] })).toBeNull();
  });
});

function change(path: string): Change {
  return { path, from: 'On', to: 'Off', place: PLACE } as never;
}

test('What can cut roomd off is named at once, however many settings there are', () => {
  const section = { allowCutOff: ['NetworkServices.Wifi'] } as never;
  const changes = ['Standby.Delay', 'NetworkServices.SSH.Mode', 'NetworkServices.Wifi.Allowed'].map(change);
  const plans = plansOf(
    planOf('room-1', { changes }),
    planOf('room-2', { changes: [...changes, change('Network[1].MTU')] }),
  );
  expect(refusalOf({ plans, section })).toMatch(
    /^fleet\.yaml:12:5: room-1: NetworkServices\.SSH\.Mode can cut roomd off .* rollout\.allowCutOff if it is meant, devices then go one at a time\nfleet\.yaml:12:5: room-2: Network\[1\]\.MTU can cut roomd off [^\n]*$/,
  );
});
