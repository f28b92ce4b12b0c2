import { Registry } from 'prom-client';

/** The registry that `/metrics` renders; each part declares its own metrics on it. Names end in their unit. */
export function newRegistry(): Registry {
  return new Registry();
}

export type { Registry } from 'prom-client';
