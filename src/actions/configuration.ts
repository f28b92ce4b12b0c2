import { z } from 'zod';
import { isReached } from '../fleet/condition.ts';
import { type ExplainRow, explain } from '../fleet/explain.ts';
import type { DesiredDevice, Origin } from '../fleet/fleet.ts';
import { approvedInWords } from '../fleet/past.ts';
import type { DevicePlan } from '../fleet/plan.ts';
import { PathError, pathKey } from '../xapi/path.ts';
import { type Action, ActionError } from './action.ts';
import { PlaceAnswer, PlanStateAnswer, Time } from './answers.ts';
import { noDevice } from './no-device.ts';
import { rfc3339, ShownPlan, showPlan } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  path: z.string().nullable().default(null).describe('A setting, or a node and everything below it.'),
});

const ShownOrigin = z.strictObject({
  layer: z.string().describe('`defaults`, `layer oslo`, `profile boardroom`, `device`.'),
  value: z.string().describe('Secrets are `[secret]`.'),
  place: PlaceAnswer,
});

const ShownSetting = z.strictObject({
  path: z.string(),
  value: z.string().describe('By the file.'),
  winner: ShownOrigin.describe('The layer that says so.'),
  losers: z.array(ShownOrigin).readonly().describe('The layers that say otherwise, nearest first.'),
  drift: z
    .enum(['correct', 'report', 'ignore'])
    .describe('What happens when somebody changes it on the device.'),
  lock: z.strictObject({ layer: z.string(), place: PlaceAnswer }).nullable(),
  override: z
    .strictObject({ until: Time, reason: z.string() })
    .nullable()
    .describe('Its end, where an override won.'),
  approved: z.string().nullable().describe('What was approved last; null: nothing was.'),
  differs: z.boolean().nullable().describe('Whether the device holds something else; null: nobody knows.'),
  held: z.string().nullable().describe('What the device holds; null: nobody knows, or it has none there.'),
});

export const DeviceConfiguration = z.strictObject({
  device: z.string(),
  revision: z.string().nullable().describe('Under which `approved` was approved.'),
  state: PlanStateAnswer.describe('How the device stands against the file, as in a plan.'),
  reason: z.string().nullable(),
  asOf: ShownPlan.shape.asOf,
  settings: z.array(ShownSetting).readonly().describe('All that the file says, in the order of their paths.'),
});
export type DeviceConfiguration = z.output<typeof DeviceConfiguration>;

export const deviceConfiguration: Action<z.output<typeof Input>, DeviceConfiguration> = {
  name: 'device.configuration',
  summary:
    'The settings of one device: what the file says and where, which layers lost, what was approved, and what the device holds.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/configuration' },
  input: Input,
  answer: DeviceConfiguration,
  async run({ name, path }, ports, _caller, { signal }) {
    const desired = ports.fleet().devices.find((device) => device.name === name);
    if (desired === undefined) throw noDevice(ports, name);
    const rows = explained(desired, path);
    const [planned] = (await ports.plan([desired], { signal, kinds: CONFIGURATION })).devices;
    if (planned === undefined)
      throw new ActionError('conflict', `"${name}" is not among the devices that this roomd reaches`);
    const deviceId = ports.deviceId(name);
    const approved =
      deviceId === null
        ? null
        : await approvedInWords(ports.scoped.database, { deviceId, at: ports.now() }, { signal });
    const { state, reason, asOf } = showPlan(planned);
    const held = heldBy(planned);
    return {
      device: name,
      revision: approved?.revision ?? null,
      state,
      reason,
      asOf,
      settings: rows.map((row) => ({
        ...showRow(row),
        approved: approved?.settings.get(row.path) ?? null,
        ...held(row),
      })),
    };
  },
};

const CONFIGURATION: ReadonlySet<string> = new Set(['configuration']);

function explained(desired: DesiredDevice, path: string | null): ExplainRow[] {
  try {
    return path === null ? explain(desired) : explain(desired, path);
  } catch (error) {
    if (error instanceof PathError) throw new ActionError('bad-input', error.message, { cause: error });
    throw error;
  }
}

/** What a plan tells of what the device holds at a path: what differs is in it, and so is what could not be compared. */
function heldBy(plan: DevicePlan): (row: ExplainRow) => { differs: boolean | null; held: string | null } {
  const changes = new Map(plan.changes.map((change) => [pathKey(change.path), change]));
  const problems = new Set(plan.problems.map((problem) => problem.path));
  return ({ path, value }) => {
    const change = changes.get(pathKey(path));
    if (!isReached(plan) || problems.has(path)) return { differs: null, held: null };
    return change === undefined ? { differs: false, held: value } : { differs: true, held: change.from };
  };
}

function showRow({ path, value, winner, losers, drift, lock, override }: ExplainRow) {
  return {
    path,
    value,
    winner: showOrigin(winner),
    losers: losers.map(showOrigin),
    drift,
    lock: lock === null ? null : { layer: lock.layer, place: lock.place },
    override: override === null ? null : { until: rfc3339(override.until), reason: override.reason },
  };
}

function showOrigin({ layer, shown, place }: Origin): z.output<typeof ShownOrigin> {
  return { layer, value: shown, place };
}
