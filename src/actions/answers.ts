import { type ZodType, z } from 'zod';
import type { SessionWord } from '../feedback/session-word.ts';
import type { Outcome } from '../fleet/change.ts';
import type { PlanState, PlanSummary } from '../fleet/plan.ts';
import type { Place } from '../fleet/problem.ts';
import type { ResourceProblem } from '../fleet/resource.ts';
import type { IdentityForm } from '../storage/tables/records.ts';
import type { DeviceIdentity, SessionState } from '../xapi/device.ts';
import type { XapiErrorCode } from '../xapi/errors.ts';
import type { Finding } from './doctor/check.ts';
import type { UnitLook } from './ports/trust.ts';

/*
 * What verbs answer, as far as it is said in more than one of them or by a type of another layer. Such a
 * type and its schema are proven alike by the compiler: `satisfies` here, and the answer of each verb.
 */

/** The shapes that have a name of their own in the OpenAPI document. */
export const components = z.registry<{ readonly id: string }>();

/** RFC 3339 with `Z`. */
export const Time = z.iso.datetime();

/** A list that may go on: give `nextCursor` to have the next page. */
export function pageOf<Item extends ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item).readonly(),
    nextCursor: z.string().nullable().describe('Asks for the next page; null: this is the last.'),
  });
}

/** A list that is always whole. */
export function allOf<Item extends ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item).readonly(), nextCursor: z.null() });
}

export const SessionStateAnswer = z.enum([
  'idle',
  'connecting',
  'up',
  'up-https',
  'waiting',
  'refused',
  'certificate-changed',
  'swapped',
  'stopped',
]) satisfies ZodType<SessionState>;

export const SessionWordAnswer = z.enum([
  'connecting',
  'up',
  'refused',
  'certificate-changed',
  'swapped',
  'degraded',
  'unreachable',
  'in-maintenance',
  'off',
]) satisfies ZodType<SessionWord>;

export const PlaceAnswer = z
  .strictObject({
    file: z.string(),
    line: z.int(),
    column: z.int(),
  })
  .register(components, { id: 'Place' }) satisfies ZodType<Place>;

export const ResourceProblemAnswer = z
  .strictObject({
    path: z.string(),
    message: z.string().describe('What is wrong and what would be right, in sentences.'),
    place: PlaceAnswer.exactOptional().describe(
      'The line of the file that asks for it; absent where none does.',
    ),
  })
  .register(components, { id: 'SettingProblem' }) satisfies ZodType<ResourceProblem>;

export const PlanStateAnswer = z.enum([
  'drift',
  'certificate-changed',
  'swapped',
  'unreachable',
  'failed',
  'in-sync',
  'login-refused',
]) satisfies ZodType<PlanState>;

export const OutcomeAnswer = z.enum([
  'held',
  'accepted',
  'waiting',
  'refused',
  'failed',
  'differs',
  'accepted-unreadable',
]) satisfies ZodType<Outcome>;

export const IdentityFormAnswer = z.enum([
  'none',
  'domain',
  'hashed',
  'full',
]) satisfies ZodType<IdentityForm>;

export const DoctorFindingAnswer = z
  .strictObject({
    check: z.string(),
    verdict: z.enum(['ok', 'wrong', 'skipped']),
    found: z.string(),
    remedy: z.string().nullable(),
  })
  .register(components, { id: 'Finding' }) satisfies ZodType<Finding>;

export const PlanSummaryAnswer = z
  .strictObject({
    devices: z.int(),
    inSync: z.int(),
    drift: z.int(),
    failed: z.int().describe('Devices of which nothing is known now.'),
    changes: z.int(),
    untouched: z.int(),
    problems: z.int(),
  })
  .register(components, { id: 'PlanSummary' }) satisfies ZodType<PlanSummary>;

export const DeviceIdentityAnswer = z.strictObject({
  serial: z.string(),
  product: z.string().describe('xStatus SystemUnit ProductId, for example "Cisco Codec Pro".'),
  software: z.string().describe('xStatus SystemUnit Software Version, for example "ce26.4.1.0a1b2c3".'),
  systemName: z.string().nullable(),
}) satisfies ZodType<DeviceIdentity>;

export const XapiErrorCodeAnswer = z.enum([
  'certificate-changed',
  'unreachable',
  'login-refused',
  'tls',
  'deadline',
  'login-blocked',
  'websocket-off',
  'busy',
  'closed',
  'serial-changed',
  'too-large',
  'malformed',
  'unknown-path',
  'bad-value',
  'permission',
  'command-failed',
  'not-ready',
  'rejected',
]) satisfies ZodType<XapiErrorCode>;

export const UnitLookAnswer = z
  .strictObject({
    recorded: z.strictObject({
      serial: z.string().nullable(),
      product: z.string().nullable(),
      software: z.string().nullable(),
    }),
    shown: DeviceIdentityAnswer.nullable(),
    belongsTo: z
      .string()
      .nullable()
      .describe(
        "The device of the fleet that the unit shown is on record as; null where it is this one's, or nobody's.",
      ),
    failure: z
      .strictObject({
        code: XapiErrorCodeAnswer,
        reason: z.string(),
      })
      .nullable()
      .describe('Why nobody is shown, by code and in a sentence.'),
  })
  .register(components, { id: 'UnitLook' }) satisfies ZodType<UnitLook>;
