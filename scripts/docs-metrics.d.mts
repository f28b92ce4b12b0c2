import type { Registry } from '../src/lib/metrics.ts';

export function withMetrics(document: string, registry: Registry): string;
