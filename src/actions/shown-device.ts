import { z } from 'zod';
import { daysLeft } from '../fleet/certificate-facts.ts';
import type { Fight } from '../fleet/fight.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import {
  components,
  PlanStateAnswer,
  ResourceProblemAnswer,
  SessionStateAnswer,
  SessionWordAnswer,
  Time,
} from './answers.ts';
import type { DeviceView, Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

export const ConfigurationState = z.enum([...PlanStateAnswer.options, 'unchecked', 'problem']);

export const ShownDevice = z
  .strictObject({
    accepts: z
      .enum(['password', 'next', 'unknown'])
      .nullable()
      .describe('Which secret it is on record to accept while the file names a next one; null otherwise.'),
    session: z.strictObject({
      since: Time,
      state: SessionStateAnswer,
      word: SessionWordAnswer.describe('The same as people say it.'),
      reason: z.string().nullable(),
    }),
    webSessions: z
      .strictObject({
        countedAt: Time,
        total: z.int(),
        ofAccount: z.int().describe('Of the account that roomd logs in with.'),
        mostInAll: z.int(),
        mostPerUser: z.int(),
        free: z.int().describe('How many more the account may open.'),
      })
      .nullable(),
    configuration: z.strictObject({
      checkedAt: Time.nullable(),
      wrongSince: Time.nullable().describe(
        'Since when it differs, or is refused something, as far as this daemon saw.',
      ),
      state: ConfigurationState,
      reason: z.string().nullable(),
      waiting: z.string().nullable(),
      problems: z.array(ResourceProblemAnswer).readonly(),
      hints: z.array(z.string()).readonly(),
    }),
    heldBackSince: Time.nullable(),
    fights: z
      .array(
        z.strictObject({
          path: z.string(),
          ours: z.string(),
          theirs: z.string(),
          since: Time,
          openedAt: Time,
          flips: z
            .array(
              z.strictObject({
                at: Time,
                value: z.string(),
                write: z.string().nullable(),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
    presence: z.strictObject({
      since: Time.nullable(),
      state: z.enum(['yes', 'no', 'unknown']),
      count: z.int().nullable(),
    }),
    nextBooking: z
      .strictObject({
        start: Time,
        end: Time,
      })
      .nullable(),
    certificate: z
      .strictObject({
        validFrom: Time,
        validTo: Time,
        daysLeft: z.int(),
        fingerprint256: z.string().describe('SHA-256, upper-case hex with colons.'),
        subject: z.string().describe('Distinguished names in one line, `O=Example, CN=boardroom-1`.'),
        issuer: z.string(),
        key: z.string().describe('`RSA 2048 bits`, `EC P-256`.'),
      })
      .nullable(),
    maintenance: z
      .strictObject({
        until: Time,
        reason: z.string(),
        source: z
          .enum(['command', 'file'])
          .describe('`command`: a person began it; `file`: the fleet file schedules it.'),
      })
      .nullable(),
    retired: z
      .strictObject({
        since: Time,
        by: z.string(),
      })
      .nullable(),
    name: z.string(),
    host: z.string(),
    kind: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    timezone: z.string(),
    protected: z.boolean(),
    product: z.string().nullable(),
    software: z.string().nullable(),
    serial: z.string().nullable(),
    drift: z.int().nullable().describe('Settings that differ; null before the first look.'),
    slot: z.strictObject({
      state: z.enum(['off', 'failed', 'none', 'ok']),
      number: z.int().nullable(),
      reason: z.string().nullable(),
    }),
    inCall: z.boolean().nullable(),
    inUse: z.boolean().nullable().describe("The device's own word on whether the room is in use."),
    standby: z
      .string()
      .nullable()
      .describe(
        '`Standby`, `EnteringStandby`, `Halfwake` or `Off`, which means awake; null where it is not known.',
      ),
    sensors: z
      .array(
        z.strictObject({
          sensor: z.string(),
          source: z.string(),
          value: z.number(),
          unit: z.string(),
        }),
      )
      .readonly()
      .describe(
        "What sensors show now; `source` is `device`, or `peripheral:1001` by the device's own id of it.",
      ),
    held: z.string().nullable().describe('Why machines may not write to it now, null where they may.'),
  })
  .register(components, { id: 'Device' });
export type ShownDevice = z.output<typeof ShownDevice>;

/** What is known of devices beside their views: which secret each accepts, and the time. */
export interface KnownBeside {
  readonly accepted: ReadonlyMap<string, 'password' | 'next' | 'unknown'>;
  readonly now: number;
}

export async function knownBeside(ports: Ports): Promise<KnownBeside> {
  const accepted = await ports.acceptedSecrets();
  return {
    accepted: new Map(accepted.map(({ name, accepts }) => [name, accepts ?? 'unknown'])),
    now: ports.now(),
  };
}

/** Field by field: of thousands of devices, gathering what is left over costs several times as much. */
export function showDevice(view: DeviceView, { accepted, now }: KnownBeside): ShownDevice {
  const { session, webSessions, configuration, presence, certificate, nextBooking, maintenance, retired } =
    view;
  return {
    name: view.name,
    host: view.host,
    kind: view.kind,
    tags: view.tags,
    timezone: view.timezone,
    protected: view.protected,
    product: view.product,
    software: view.software,
    serial: view.serial,
    certificate: certificate === null ? null : showCertificate(certificate, now),
    session: {
      state: session.state,
      word: session.word,
      since: rfc3339(session.since),
      reason: session.reason,
    },
    webSessions: webSessions === null ? null : { ...webSessions, countedAt: rfc3339(webSessions.countedAt) },
    drift: view.drift,
    configuration: {
      state: configuration.state,
      reason: configuration.reason,
      checkedAt: rfc3339(configuration.checkedAt),
      wrongSince: rfc3339(configuration.wrongSince),
      waiting: configuration.waiting,
      problems: configuration.problems,
      hints: configuration.hints,
    },
    slot: view.slot,
    heldBackSince: rfc3339(view.heldBackSince),
    fights: view.fights.map(showFight),
    presence: { state: presence.state, count: presence.count, since: rfc3339(presence.since) },
    inCall: view.inCall,
    inUse: view.inUse,
    standby: view.standby,
    sensors: view.sensors,
    nextBooking:
      nextBooking === null ? null : { start: rfc3339(nextBooking.start), end: rfc3339(nextBooking.end) },
    held: view.held,
    retired: retired === null ? null : { since: rfc3339(retired.since), by: retired.by },
    maintenance: maintenance === null ? null : { ...maintenance, until: rfc3339(maintenance.until) },
    accepts: accepted.get(view.name) ?? null,
  };
}

function showCertificate({ validFrom, validTo, ...certificate }: CertificateFacts, now: number) {
  return {
    ...certificate,
    validFrom: rfc3339(validFrom),
    validTo: rfc3339(validTo),
    daysLeft: daysLeft(validTo, now) ?? 0,
  };
}

/** `write` is the id of roomd's own write; null where something else changed the setting. */
function showFight({ path, ours, theirs, since, openedAt, flips }: Fight) {
  return {
    path,
    ours,
    theirs,
    since: rfc3339(since),
    openedAt: rfc3339(openedAt),
    flips: flips.map(({ at, value, write }) => ({ at: rfc3339(at), value, write })),
  };
}
