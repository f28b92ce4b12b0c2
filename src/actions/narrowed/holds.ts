import type { Maintenance } from '../../alerts/maintenance.ts';
import type { Hold } from '../../fleet/hold.ts';
import type { Ports } from '../ports.ts';
import type { Scope } from './scope.ts';

/**
 * Holds that take in some of the caller's devices. One that takes in others as
 * well is shown with the caller's alone, and is not theirs to release.
 */
export function narrowedHolds(holds: Ports['holds'], scope: Scope): Ports['holds'] {
  const show = (hold: Hold): Hold => ({ ...hold, selector: shown(hold.selector, scope) });
  return {
    list: () =>
      holds
        .list()
        .filter(({ selector }) => scope.taken(selector).length > 0)
        .map(show),
    async place({ selector, ...rest }) {
      return show(await holds.place({ ...rest, selector: scope.narrowed(selector) }));
    },
    async release({ selector, every = false, actor }) {
      const named = new Set([selector, scope.narrowed(selector)]);
      const own = holds
        .list()
        .filter((hold) => scope.holds(hold.selector) && (every || named.has(hold.selector)));
      const selectors = new Set(own.map((hold) => hold.selector));
      const released: Hold[] = [];
      for (const one of selectors) released.push(...(await holds.release({ selector: one, actor })));
      return released.map(show);
    },
  };
}

/** The same of maintenances. */
export function narrowedMaintenances(
  maintenances: Ports['maintenances'],
  scope: Scope,
): Ports['maintenances'] {
  const show = (one: Maintenance): Maintenance => ({ ...one, selector: shown(one.selector, scope) ?? 'all' });
  const concerning = (all: readonly Maintenance[]): Maintenance[] =>
    all.filter(({ selector }) => scope.taken(selector).length > 0).map(show);
  return {
    running: () => concerning(maintenances.running()),
    list: async (limit, options) => concerning(await maintenances.list(limit, options)),
    async begin({ selector, ...rest }) {
      return show(await maintenances.begin({ ...rest, selector: scope.narrowed(selector) }));
    },
    async end({ selector, actor }) {
      const named = new Set([selector, scope.narrowed(selector)]);
      const own = maintenances
        .running()
        .filter((one) => scope.holds(one.selector) && (selector === null || named.has(one.selector)));
      const selectors = new Set(own.map((one) => one.selector));
      const ended: Maintenance[] = [];
      for (const one of selectors) ended.push(...(await maintenances.end({ selector: one, actor })));
      return ended.map(show);
    },
  };
}

/** A selector as the caller may read it: it may name devices that are not theirs. */
function shown(selector: string | null, scope: Scope): string | null {
  return selector === null || scope.holds(selector) ? selector : scope.taken(selector).join(', ');
}
