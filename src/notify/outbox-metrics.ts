import { Counter } from 'prom-client';
import { declareGauge, type Registry } from '../lib/metrics.ts';
import type { OutboxStore } from './outbox-store.ts';

/** Declares the outbox's metrics, one series a notifier; the returned function counts what became of a message. */
export function declareOutboxMetrics(
  registry: Registry,
  store: OutboxStore,
): (outcome: 'delivered' | 'failed', notifier: string) => void {
  const registers = [registry];
  const labelNames = ['notifier'] as const;
  const counters = {
    delivered: new Counter({
      name: 'roomd_outbox_delivered_total',
      help: 'Messages to people that their service has taken',
      labelNames,
      registers,
    }),
    failed: new Counter({
      name: 'roomd_outbox_failed_total',
      help: 'Messages to people that their service refused for good',
      labelNames,
      registers,
    }),
  };
  declareGauge(
    registry,
    { name: 'roomd_outbox_waiting', help: 'Messages to people that are yet to be delivered', labelNames },
    async () => (await store.waitingCounts()).map((row) => [[row.notifier], Number(row.waiting)] as const),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_outbox_oldest_timestamp_seconds',
      help: 'When the oldest message that is yet to be delivered was written, seconds since 1970',
      labelNames,
    },
    async () =>
      (await store.waitingCounts()).map((row) => [[row.notifier], Number(row.oldestAt) / 1_000] as const),
  );
  return (outcome, notifier) => counters[outcome].inc({ notifier });
}
