import { type ZodType, z } from 'zod';
import type { Alert, AlertChange } from '../alerts/alert.ts';
import type { Severity } from '../alerts/rule.ts';
import type { Delivery, Undelivered } from '../alerts/store.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, components, Time } from './answers.ts';
import { CursorInput, idIn, writeCursor } from './cursor.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const ListInput = z.strictObject({
  all: z.stringbool().or(z.boolean()).default(false).describe('Also alerts that are over.'),
  devices: z.string().nullable().default(null).describe('Selector; alerts about any of these.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: CursorInput,
});

export const SeverityAnswer = z.enum(['info', 'warning', 'critical']) satisfies ZodType<Severity>;

export const UndeliveredAnswer = z.strictObject({
  notifier: z.string(),
  state: z.enum(['waiting', 'failed']),
  reason: z.string().nullable().describe('As of a `Delivery`; null: nothing was tried yet.'),
}) satisfies ZodType<Undelivered>;

export const ShownAlert = z.strictObject({
  openedAt: Time,
  toldAt: Time.nullable(),
  acknowledgedAt: Time.nullable(),
  resolvedAt: Time.nullable(),
  id: z.string(),
  rule: z.string(),
  key: z.string(),
  about: z.string(),
  devices: z.array(z.string()).readonly(),
  severity: SeverityAnswer,
  state: z.enum(['open', 'acknowledged', 'resolved']),
  title: z.string(),
  detail: z.string(),
  remedy: z.string(),
  cleared: z.string().describe('The title once it is over.'),
  toldTo: z.array(z.string()).readonly().describe('The notifiers that were told, who hear of its end, too.'),
  silenced: z.string().nullable().describe('Why nobody is told now.'),
  acknowledgedBy: z.string().nullable(),
  comment: z.string().nullable(),
  resolution: z.string().nullable(),
});
export type ShownAlert = z.output<typeof ShownAlert>;

export const AlertList = z.strictObject({
  items: z
    .array(
      z.strictObject({
        ...ShownAlert.shape,
        undelivered: z.array(UndeliveredAnswer).readonly(),
      }),
    )
    .readonly(),
  nextCursor: z.string().nullable(),
});
export type AlertList = z.output<typeof AlertList>;

export const ShownAlertDetails = z
  .strictObject({
    ...ShownAlert.shape,
    history: z
      .array(
        z.strictObject({
          change: z.enum(['silenced', 'acknowledged', 'resolved', 'changed', 'opened', 'told', 'unsilenced']),
          actor: z.string().describe('`roomd`, or who did it: `cli:anna`.'),
          detail: z.string().nullable(),
          at: Time,
        }),
      )
      .readonly(),
    deliveries: z
      .array(
        z.strictObject({
          createdAt: Time,
          deliveredAt: Time.nullable(),
          notifier: z.string(),
          state: z.enum(['waiting', 'failed', 'delivered']),
          subject: z.string().nullable(),
          attempts: z.int(),
          lastError: z
            .string()
            .nullable()
            .describe(
              'Why it waits or was refused: its own last error, or that of the message which it waits behind.',
            ),
        }),
      )
      .readonly(),
  })
  .register(components, { id: 'AlertDetails' });
export type ShownAlertDetails = z.output<typeof ShownAlertDetails>;

export const AcknowledgedAlerts = allOf(ShownAlert);
export type AcknowledgedAlerts = z.output<typeof AcknowledgedAlerts>;

export const listAlerts: Action<z.output<typeof ListInput>, AlertList> = {
  name: 'alerts',
  summary: 'Alerts that are not over, newest first, or all of them; with what could not be delivered.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/alerts' },
  input: ListInput,
  answer: AlertList,
  async run({ all, devices, limit, cursor }, ports, _caller, options) {
    const names = devices === null ? null : selectDevices(ports.fleet(), devices).map(({ name }) => name);
    const alerts = await ports.alerts.list(
      { all, devices: names, limit, cursor: idIn(cursor, ORDER) },
      options,
    );
    const last = alerts.at(-1);
    const undelivered = await ports.alerts.undelivered(alerts, options);
    return {
      items: alerts.map((alert) => ({
        ...showAlert(alert),
        undelivered: undelivered.get(alert.id) ?? [],
      })),
      nextCursor: last === undefined || alerts.length < limit ? null : writeCursor([last.id], ORDER),
    };
  },
};

const ORDER = 'alerts';

const ShowInput = z.strictObject({
  alert: z
    .string()
    .describe('Its id, the last six characters of it and more, or a device of which one is open.'),
});

export const showOneAlert: Action<z.output<typeof ShowInput>, ShownAlertDetails> = {
  name: 'alerts.show',
  summary: 'One alert with its history and its messages: delivered, waiting or refused, with the last error.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/alerts/:alert' },
  input: ShowInput,
  answer: ShownAlertDetails,
  async run({ alert: id }, ports, _caller, options) {
    const [alert, ...others] = await meant(id, ports, options);
    if (others.length > 0)
      throw new ActionError(
        'conflict',
        `several alerts about ${id} are open: ${[alert, ...others].map((one) => one.id).join(', ')}`,
      );
    const [changes, deliveries] = await Promise.all([
      ports.alerts.changes(alert.id, options),
      ports.alerts.deliveries(alert, options),
    ]);
    return {
      ...showAlert(alert),
      history: changes.map(showChange),
      deliveries: deliveries.map(showDelivery),
    };
  },
};

const AcknowledgeInput = z.strictObject({
  alert: z.string().describe('Its id, the end of its id, or a device: then every open alert about it.'),
  comment: z.string().min(1).max(500).nullable().default(null),
});

export const acknowledgeAlert: Action<
  z.output<typeof AcknowledgeInput>,
  z.output<typeof AcknowledgedAlerts>
> = {
  name: 'alerts.ack',
  summary: 'Say that somebody looks after an alert; those who were told of it hear of that in its thread.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/alerts/:alert/ack' },
  input: AcknowledgeInput,
  answer: AcknowledgedAlerts,
  async run({ alert, comment }, ports, { actor }, options) {
    const { acknowledgeAlerts } = ports;
    if (acknowledgeAlerts === undefined)
      throw new ActionError('conflict', 'this needs a running daemon: start it with `roomd run`');
    const ids = (await meant(alert, ports, options)).map(({ id }) => id);
    const items = await acknowledgeAlerts(ids, { actor, comment }, options);
    if (items.length === 0)
      throw new ActionError('conflict', 'the alert is over: there is nothing to look after');
    return { items: items.map(showAlert), nextCursor: null };
  },
};

/** The alert of that id, or those open about that device. @throws ActionError `not-found` */
async function meant(text: string, ports: Ports, options: AbortOptions): Promise<[Alert, ...Alert[]]> {
  const one = await ports.alerts.get(text, options);
  if (one !== null) return [one];
  if (!ports.fleet().devices.some(({ name }) => name === text)) throw noSuchAlert(text);
  const [first, ...others] = await ports.alerts.list(
    { all: false, devices: [text], limit: 500, cursor: null },
    options,
  );
  if (first === undefined) throw new ActionError('not-found', `no alert about ${text} is open`);
  return [first, ...others];
}

function noSuchAlert(text: string): ActionError {
  return new ActionError(
    'not-found',
    `there is no alert "${text}" and no device of that name; see \`roomd alerts\``,
  );
}

function showAlert({ deviceId: _deviceId, conversation: _conversation, ...alert }: Alert) {
  return {
    ...alert,
    openedAt: rfc3339(alert.openedAt),
    toldAt: rfc3339(alert.toldAt),
    acknowledgedAt: rfc3339(alert.acknowledgedAt),
    resolvedAt: rfc3339(alert.resolvedAt),
  };
}

function showChange({ at, ...change }: AlertChange) {
  return { at: rfc3339(at), ...change };
}

function showDelivery({ createdAt, deliveredAt, ...delivery }: Delivery) {
  return { ...delivery, createdAt: rfc3339(createdAt), deliveredAt: rfc3339(deliveredAt) };
}
