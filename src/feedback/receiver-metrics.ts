import { Counter, Gauge, Histogram } from 'prom-client';
import { DURATION_BUCKETS_SECONDS, type Registry } from '../lib/metrics.ts';
import { POST_RESULTS } from './answer.ts';

/** What is measured of the devices' posts. */
export function receiverMetrics(
  registry: Registry,
  { inFlight }: { readonly inFlight: () => number },
): { readonly posts: Counter<'result'>; readonly took: Histogram } {
  const posts = new Counter({
    name: 'roomd_feedback_posts_total',
    help: 'Webhook posts by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of POST_RESULTS) posts.inc({ result }, 0);
  const took = new Histogram({
    name: 'roomd_feedback_post_duration_seconds',
    help: 'How long webhook posts took until they were answered; stored ones are on the disk by then',
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const underWay = new Gauge({
    name: 'roomd_feedback_posts_in_flight',
    help: 'Webhook posts that are being read or stored',
    registers: [],
    collect() {
      this.set(inFlight());
    },
  });
  registry.registerMetric(underWay);
  return { posts, took };
}
