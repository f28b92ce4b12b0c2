import { Gauge, Registry } from 'prom-client';

/** The registry that `/metrics` renders; each part declares its own metrics on it. Names end in their unit. */
export function newRegistry(): Registry {
  return new Registry();
}

/** For how long something took, from a millisecond on the own disk to somebody who has given up. */
export const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The value of one series: with its labels, in the order of the gauge's names of them. */
export type Sample<Names extends readonly string[]> = readonly [
  labels: { readonly [At in keyof Names]: string },
  value: number,
];

/**
 * Declares a gauge that is read whenever somebody looks. A series that a
 * reading lacks is gone; one that fails has none, which says best that the
 * number is not known.
 */
export function declareGauge<const Names extends readonly string[]>(
  registry: Registry,
  { name, help, labelNames }: { name: string; help: string; labelNames: Names },
  read: () => readonly Sample<Names>[] | Promise<readonly Sample<Names>[]>,
): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    async collect() {
      const samples = await Promise.resolve()
        .then(read)
        .catch(() => []);
      gauge.reset();
      // A gauge without labels is 0 once it is reset.
      if (samples.length === 0 && labelNames.length === 0) gauge.remove();
      for (const [labels, value] of samples) gauge.labels(...(labels as readonly string[])).set(value);
    },
  });
}

/** How often each word of a closed set occurs, also those that do not. */
export function countWords<Word extends string>(
  words: readonly Word[],
  found: readonly Word[],
): readonly Sample<readonly [string]>[] {
  const counts = new Map<Word, number>(words.map((word) => [word, 0]));
  for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => [[word], count] as const);
}

export type { Registry } from 'prom-client';
