import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { type AlertNote, type Message, type Notifier, NotifierError, type SendOptions } from './notifier.ts';
import type { JsonPoster } from './post-json.ts';

/** Longer than several repetitions: an Alertmanager that hears nothing more closes the alert by itself. */
const FIRES_ON_MS = 5 * 60_000;

/**
 * Keeps an Alertmanager informed (POST /api/v2/alerts). It holds state, not
 * messages: what is open is repeated while it lasts, and what is over is told
 * once, through the outbox, with its end.
 */
export class AlertmanagerNotifier implements Notifier {
  readonly name: string;
  readonly #poster: JsonPoster;
  readonly #clock: Clock;

  constructor({ name }: { name: string }, { poster, clock }: { poster: JsonPoster; clock: Clock }) {
    this.name = name;
    this.#poster = poster;
    this.#clock = clock;
  }

  async send({ alert }: Message, { signal }: SendOptions): Promise<{ receipt: string }> {
    if (alert === undefined)
      throw new NotifierError(
        'refused',
        `${this.name} is an Alertmanager, which takes alerts and no messages`,
      );
    await this.#post([alert], { signal });
    return { receipt: '' };
  }

  repeat(alerts: readonly AlertNote[], options: AbortOptions): Promise<void> {
    return this.#post(alerts, options);
  }

  #post(alerts: readonly AlertNote[], options: AbortOptions): Promise<void> {
    const now = this.#clock.now();
    return this.#poster.post(JSON.stringify(alerts.map((alert) => entryOf(alert, now))), {}, options);
  }
}

/**
 * The labels are the alert's identity there. Of what they hold only the
 * severity may change while it lasts: then the old one runs out by itself.
 */
function entryOf(alert: AlertNote, now: number) {
  const { rule, key, severity, about, devices, title, detail, remedy, acknowledgedBy, comment } = alert;
  const [device] = devices;
  const isAboutDevice = device === about;
  return {
    labels: {
      alertname: rule,
      job: 'roomd',
      about,
      key,
      ...(isAboutDevice ? { device } : {}),
      severity,
    },
    annotations: {
      summary: title,
      description: detail,
      remedy,
      id: alert.id,
      ...(acknowledgedBy === null ? {} : { acknowledgedBy }),
      ...(comment === null ? {} : { comment }),
    },
    startsAt: new Date(alert.openedAt).toISOString(),
    endsAt: new Date(alert.resolvedAt ?? now + FIRES_ON_MS).toISOString(),
  };
}
