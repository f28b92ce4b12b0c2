import { Gauge } from 'prom-client';
import type { Registry } from '../lib/metrics.ts';
import type { Alert } from './alert.ts';

/** One series for each rule, severity and state that has alerts: bounded by the rules, not by the devices. */
export function declareAlertMetrics(registry: Registry, open: () => readonly Alert[]): void {
  const gauge = new Gauge({
    name: 'roomd_alerts',
    help: 'Alerts that are not over; state is open, acknowledged or silenced',
    labelNames: ['rule', 'severity', 'state'] as const,
    registers: [registry],
    collect() {
      gauge.reset();
      for (const { rule, severity, state, silenced } of open())
        gauge.inc({ rule, severity, state: silenced === null ? state : 'silenced' });
    },
  });
}
