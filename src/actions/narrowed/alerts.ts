import type { Alert } from '../../alerts/alert.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import { ActionError } from '../action-error.ts';
import type { Ports } from '../ports.ts';
import type { Scope } from './scope.ts';

/**
 * Alerts that concern some of the caller's devices. Of one that concerns
 * others as well (a site that is out) the words are left out, for they name
 * them, and it is not theirs to look after.
 */
export function narrowedAlerts(alerts: Ports['alerts'], scope: Scope): Ports['alerts'] {
  const get = async (id: string, options?: AbortOptions): Promise<Alert | null> => {
    const alert = await alerts.get(id, options);
    return alert === null || !concerns(alert, scope) ? null : shown(alert, scope);
  };
  const owns = async (id: string, options?: AbortOptions): Promise<boolean> => {
    const alert = await alerts.get(id, options);
    return alert !== null && isTheirs(alert, scope);
  };
  return {
    async list(filter, options) {
      const found = await alerts.list({ ...filter, within: scope.names }, options);
      return found.map((alert) => shown(alert, scope));
    },
    get,
    changes: async (id, options) => ((await owns(id, options)) ? alerts.changes(id, options) : []),
    deliveries: async (alert, options) =>
      (await owns(alert.id, options)) ? alerts.deliveries(alert, options) : [],
    async undelivered(asked, options) {
      const own = asked.filter((alert) => 'devices' in alert && isTheirs(alert as Alert, scope));
      return own.length === 0 ? new Map() : alerts.undelivered(own, options);
    },
  };
}

/** Acknowledges what concerns the caller's devices alone. */
export function narrowedAcknowledge(
  acknowledge: NonNullable<Ports['acknowledgeAlerts']>,
  alerts: Ports['alerts'],
  scope: Scope,
): NonNullable<Ports['acknowledgeAlerts']> {
  return async (ids, how, options) => {
    for (const id of ids) {
      const alert = await alerts.get(id, options);
      if (alert === null || !isTheirs(alert, scope))
        throw new ActionError('forbidden', 'this alert concerns other devices as well, which are not yours');
    }
    return acknowledge(ids, how, options);
  };
}

function concerns({ about, devices }: Alert, scope: Scope): boolean {
  return scope.has(about) || devices.some((name) => scope.has(name));
}

function isTheirs({ about, devices }: Alert, scope: Scope): boolean {
  return devices.length === 0 ? scope.has(about) : devices.every((name) => scope.has(name));
}

function shown(alert: Alert, scope: Scope): Alert {
  if (isTheirs(alert, scope)) return alert;
  const devices = alert.devices.filter((name) => scope.has(name));
  const title = `${devices.join(', ')} and others: ${alert.rule}`;
  return { ...alert, devices, title, cleared: title, detail: '', comment: null, resolution: null };
}
