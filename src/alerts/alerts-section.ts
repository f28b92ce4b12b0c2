import type { Fleet } from '../fleet/fleet.ts';
import type { Place, Problem } from '../fleet/problem.ts';
import type { RolloutGroup } from '../fleet/rollout-section.ts';
import { type Section, sectionOf } from '../fleet/section.ts';
import { gravityOfMiss, meantInstead, select, unknownNames } from '../fleet/selector.ts';
import { readSchedule } from '../lib/cron.ts';
import { didYouMean } from '../lib/suggest.ts';
import { Alerts, NO_ALERTS, ruleSettings } from './alerts-schema.ts';

/** The section `alerts:` of fleet.yaml, for the loader. */
export const alertsSection: Section<Alerts> = { key: 'alerts', schema: Alerts, check: checkAlerts };

/** What the file says of alerts; without the section, the defaults. */
export function alertsOf(fleet: Fleet): Alerts {
  return sectionOf(fleet, alertsSection) ?? NO_ALERTS;
}

type Path = readonly (string | number)[];

interface Found {
  readonly path: Path;
  readonly message: string;
  readonly severity?: Problem['severity'];
}

function checkAlerts(alerts: Alerts, fleet: Fleet, locate: (path: Path) => Place | null): Problem[] {
  const found: Found[] = [
    ...unknownNotifiers(alerts.notify, ['notify'], fleet),
    ...ruleSettings(alerts).flatMap(([name, { notify = [], devices }]) => [
      ...unknownNotifiers(notify, ['rules', name, 'notify'], fleet),
      ...wrongSelector(devices, ['rules', name, 'devices'], fleet),
    ]),
    ...unknownTag(alerts, fleet, locate),
    ...alerts.expectedOff.flatMap(({ devices }, at) =>
      wrongSelector(devices, ['expectedOff', at, 'devices'], fleet),
    ),
    ...alerts.maintenance.flatMap(({ devices, schedule }, at) => [
      ...wrongSelector(devices, ['maintenance', at, 'devices'], fleet),
      ...wrongSchedule(schedule, ['maintenance', at, 'schedule']),
    ]),
  ];
  return found.map(({ path, message, severity = 'error' }) => ({
    severity,
    place: nearestPlace(path, locate),
    path: path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
      'alerts',
    ),
    message,
  }));
}

function unknownNotifiers(names: readonly string[], path: Path, { notifiers }: Fleet): Found[] {
  const known = Object.keys(notifiers);
  return names.flatMap((name, at) =>
    known.includes(name)
      ? []
      : [
          {
            path: [...path, at],
            message: `there is no notifier "${name}"${known.length === 0 ? ': declare it under notifiers' : `; declared are ${known.join(', ')}`}.${didYouMean(name, known)}`,
          },
        ],
  );
}

function wrongSelector(group: RolloutGroup | undefined, path: Path, fleet: Fleet): Found[] {
  const { devices } = fleet;
  if (group === undefined || devices.length === 0) return [];
  const unknown = unknownNames(group.selector, devices);
  if (unknown.length > 0)
    return unknown.map(({ message }) => ({ path, message, severity: gravityOfMiss(fleet) }));
  if (select(group.selector, devices).length > 0) return [];
  return [
    {
      path,
      message: `no device fits "${group.text}", so this says nothing.${meantInstead(group.selector, devices)}`,
      severity: 'warning',
    },
  ];
}

/** The tag is only missed where somebody wrote its name. */
function unknownTag(
  { siteOutage: { by } }: Alerts,
  fleet: Fleet,
  locate: (path: Path) => Place | null,
): Found[] {
  const { devices } = fleet;
  const path = ['siteOutage', 'by'];
  // What was left out has the place of what it belongs to.
  if (locate(path) === null || devices.length === 0 || devices.some(({ tags }) => by in tags)) return [];
  const known = new Set(devices.flatMap(({ tags }) => Object.keys(tags)));
  return [
    {
      path,
      message: `no device has a tag "${by}", so no site is ever out.${didYouMean(by, [...known])}`,
      severity: gravityOfMiss(fleet),
    },
  ];
}

function wrongSchedule(schedule: string | undefined, path: Path): Found[] {
  if (schedule === undefined) return [];
  const { errors, warnings } = readSchedule(schedule);
  return [
    ...errors.map((message) => ({ path, message })),
    ...warnings.map((message) => ({ path, message, severity: 'warning' as const })),
  ];
}

/** A value that was left out has the place of what it belongs to. */
function nearestPlace(path: Path, locate: (path: Path) => Place | null): Place | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const place = locate(path.slice(0, length));
    if (place !== null) return place;
  }
  return null;
}
