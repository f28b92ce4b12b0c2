import type { ZodObject, ZodType } from 'zod';
import type { Role } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { ActionError } from './action-error.ts';
import { recordDeed } from './deeds/record.ts';
import { narrowed } from './narrowed/ports.ts';
import type { Ports } from './ports.ts';
import type { Rows } from './rows.ts';

export { ActionError, type ActionErrorCode } from './action-error.ts';

/** Who asks, and by which door. */
export interface Caller {
  /** `cli:anna`, `token:grafana`; stands in every record of what was done. */
  readonly actor: string;
  readonly role: Role;
  /** Selector of the devices that they see and may touch; null: the whole fleet. */
  readonly devices: string | null;
}

/**
 * How far a verb reaches, and so what a caller gets who is limited to some
 * devices. `devices`: the verb finds devices, and what is on record of them,
 * through its ports alone; it is handed ports in which there are no others.
 * `fleet`: it is about the fleet or roomd as a whole; it is forbidden to them.
 */
export type Reach = 'devices' | 'fleet';

/**
 * One verb, once: the command line, the HTTP API, the control socket and the
 * table of roles derive from it. `run` trusts its input, which the door has
 * parsed with `input`.
 */
export interface Action<Input = never, Output = unknown> {
  /** Stable name, also on the control socket: `plan`, `devices.list`. */
  readonly name: string;
  readonly summary: string;
  readonly role: Role;
  readonly reach: Reach;
  /** Under /api/v1; `:name` parameters, the query (GET) or the body (POST) together make the input. */
  readonly http: { readonly method: 'GET' | 'POST'; readonly path: string };
  readonly input: ZodType;
  /** What it answers, as every door shows it. */
  readonly answer: ZodType<Output extends Rows ? unknown : Output>;
  /** That an answer may come as a stream, too: rows as CSV and JSON Lines, or server-sent events. */
  readonly streams?: 'rows' | 'events';
  /** Where the items of its list may be cut to some of their fields: the item without any that it must have. */
  readonly sparse?: ZodObject;
  /** What stands for its answer while nothing of it changes, had without the work; null where nobody keeps count. */
  readonly version?: (ports: Ports) => string | null;
  /**
   * What was done, as the rest of a sentence that begins with who did it; it is
   * put on record once it is done. Absent for verbs that look only, and for
   * those whose deeds are on record as what they are: writes, runs, holds, …
   */
  deed?(input: Input, caller: Caller): string;
  run(input: Input, ports: Ports, caller: Caller, options: PerformOptions): Promise<Output>;
}

export interface PerformOptions extends AbortOptions {
  /** Told of each step of long work, in a sentence, for a person who waits. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

export function suffices(role: Role, wanted: Role): boolean {
  return RANK[role] >= RANK[wanted];
}

/**
 * Parses the input, checks the role and runs the verb.
 * @throws ActionError
 */
export async function perform(
  action: Action,
  request: { input: unknown; caller: Caller; ports: Ports } & PerformOptions,
): Promise<unknown> {
  const { caller, signal, onProgress } = request;
  if (!suffices(caller.role, action.role)) {
    throw new ActionError(
      'forbidden',
      `"${action.name}" needs the role ${action.role}; ${caller.actor} has ${caller.role}`,
    );
  }
  if (caller.devices !== null && action.reach === 'fleet') {
    throw new ActionError(
      'forbidden',
      `"${action.name}" concerns the fleet as a whole; ${caller.actor} is limited to ${caller.devices}`,
    );
  }
  const parsed = action.input.safeParse(request.input);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    const [first] = issues;
    throw new ActionError(
      'bad-input',
      `${first?.path === '' ? 'the input' : first?.path}: ${first?.message}`,
      {
        details: { issues },
      },
    );
  }
  const ports = caller.devices === null ? request.ports : narrowed(request.ports, caller.devices);
  // `input` made this value, so it is what `run` takes.
  const input = parsed.data as never;
  const answer = await action.run(input, ports, caller, { signal, onProgress });
  if (action.deed !== undefined)
    await recordDeed(request.ports, {
      actor: caller.actor,
      verb: action.name,
      what: action.deed(input, caller),
    });
  return answer;
}
