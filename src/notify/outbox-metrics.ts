import { Counter, Gauge } from 'prom-client';
import type { Registry } from '../lib/metrics.ts';
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
  const waiting = new Gauge({
    name: 'roomd_outbox_waiting',
    help: 'Messages to people that are yet to be delivered',
    labelNames,
    registers,
    async collect() {
      waiting.reset();
      // Without its database the number is not known, which no series says best; the other metrics stand.
      const counts = await store.waitingCounts().catch(() => []);
      for (const row of counts) waiting.set({ notifier: row.notifier }, Number(row.waiting));
    },
  });
  return (outcome, notifier) => counters[outcome].inc({ notifier });
}
