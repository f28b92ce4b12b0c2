import { type Alert, slotOf } from './alert.ts';
import type { Finding, Severity, Verdict } from './rule.ts';

/** A rule as it is in force: what it found, and how patient it is. */
export interface Judged {
  readonly rule: string;
  readonly severity: Severity;
  readonly forMs: number;
  readonly clearMs: number;
  /** The notifiers that are told. */
  readonly notify: readonly string[];
  /** Devices that the rule looks at; an alert about another is gone. */
  readonly watches: ReadonlySet<number>;
  readonly verdict: Verdict;
}

/** Since when something has been so, by the monotonic clock; it starts anew with roomd. */
export interface Periods {
  /** Findings that no alert stands for yet. */
  readonly pending: ReadonlyMap<string, number>;
  /** Alerts whose trouble is over. */
  readonly clearing: ReadonlyMap<string, number>;
}

export const NO_PERIODS: Periods = { pending: new Map(), clearing: new Map() };

export type Decision =
  | {
      readonly do: 'open';
      readonly rule: string;
      readonly severity: Severity;
      readonly finding: Finding;
      readonly silenced: string | null;
      readonly notify: readonly string[];
      /** The alert whose end has told of this one already; null: it is told by itself. */
      readonly toldBy: Alert | null;
    }
  /** Its silence is over, or it got worse. */
  | { readonly do: 'tell'; readonly alert: Alert; readonly notify: readonly string[]; readonly why: string }
  | { readonly do: 'silence'; readonly alert: Alert; readonly silenced: string | null }
  | {
      readonly do: 'reword';
      readonly alert: Alert;
      readonly finding: Finding;
      readonly severity: Severity;
    }
  | {
      readonly do: 'resolve';
      readonly alert: Alert;
      readonly why: string;
      /** Names of devices that were part of it and are not well yet. */
      readonly stillOff: readonly string[];
    };

export interface Decided {
  readonly decisions: readonly Decision[];
  readonly periods: Periods;
  /** Milliseconds until a watching period ends; null while none runs. */
  readonly dueInMs: number | null;
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * What is to be done about what the rules found, given the alerts that are
 * open. Looks at everything anew; an alert opens after its watching period,
 * and is resolved once the trouble has been over for its time. What belongs to
 * a larger trouble is left to the alert of that.
 */
export function decide({
  judged,
  alerts,
  periods,
  silencedBy,
  elapsed,
}: {
  readonly judged: readonly Judged[];
  readonly alerts: readonly Alert[];
  readonly periods: Periods;
  /** Why nobody is told of this now; null where somebody is. */
  readonly silencedBy: (finding: Pick<Finding, 'devices'>) => string | null;
  /** The monotonic clock, milliseconds. */
  readonly elapsed: number;
}): Decided {
  const open = new Map(alerts.map((alert) => [slotOf(alert), alert]));
  const found = new Map(
    judged.flatMap((rule) =>
      rule.verdict.findings.map((finding) => [slotOf({ rule: rule.rule, key: finding.key }), finding]),
    ),
  );
  const resolved = resolving({ judged, alerts, periods, found, elapsed });
  const opened = opening({ judged, open, found, periods, resolved, silencedBy, elapsed });
  const kept = judged.flatMap((rule) => keeping(rule, { open, silencedBy }));
  const waits = [...opened.waits, ...resolved.waits];
  return {
    decisions: [...resolved.decisions, ...opened.decisions, ...kept],
    periods: { pending: opened.pending, clearing: resolved.clearing },
    dueInMs: waits.length === 0 ? null : Math.min(...waits),
  };
}

type Resolve = Extract<Decision, { do: 'resolve' }>;

interface Resolved {
  readonly decisions: readonly Resolve[];
  readonly clearing: ReadonlyMap<string, number>;
  readonly waits: readonly number[];
}

function resolving({
  judged,
  alerts,
  periods,
  found,
  elapsed,
}: {
  judged: readonly Judged[];
  alerts: readonly Alert[];
  periods: Periods;
  found: ReadonlyMap<string, Finding>;
  elapsed: number;
}): Resolved {
  const rules = new Map(judged.map((rule) => [rule.rule, rule]));
  const decisions: Resolve[] = [];
  const clearing = new Map<string, number>();
  const waits: number[] = [];
  for (const alert of alerts) {
    const slot = slotOf(alert);
    const rule = rules.get(alert.rule);
    const gone = whyGone(alert, rule);
    if (gone !== null || rule === undefined) {
      decisions.push({ do: 'resolve', alert, why: gone ?? '', stillOff: [] });
      continue;
    }
    if (found.has(slot) || isUnjudged(alert, rule)) continue;
    const since = periods.clearing.get(slot) ?? elapsed;
    const leftMs = since + rule.clearMs - elapsed;
    if (leftMs > 0) {
      clearing.set(slot, since);
      waits.push(leftMs);
    } else decisions.push({ do: 'resolve', alert, why: 'it is over', stillOff: partsOf(alert, found) });
  }
  return { decisions, clearing, waits };
}

function whyGone({ deviceId }: Alert, rule: Judged | undefined): string | null {
  if (rule === undefined) return 'the file no longer asks for this rule';
  if (deviceId !== null && !rule.watches.has(deviceId))
    return 'the file no longer asks for this rule on the device';
  return null;
}

function isUnjudged({ key, deviceId }: Alert, { verdict: { unjudged } }: Judged): boolean {
  return unjudged.keys.has(key) || (deviceId !== null && unjudged.devices.has(deviceId));
}

/** The devices of findings that the alert stood for until now. */
function partsOf({ rule, key }: Alert, found: ReadonlyMap<string, Finding>): string[] {
  return [...found.values()]
    .filter(({ partOf }) => partOf?.rule === rule && partOf.key === key)
    .flatMap(({ devices }) => devices);
}

function opening({
  judged,
  open,
  found,
  periods,
  resolved,
  silencedBy,
  elapsed,
}: {
  judged: readonly Judged[];
  open: ReadonlyMap<string, Alert>;
  found: ReadonlyMap<string, Finding>;
  periods: Periods;
  resolved: Resolved;
  silencedBy: (finding: Finding) => string | null;
  elapsed: number;
}) {
  const ended = new Map(resolved.decisions.map(({ alert }) => [slotOf(alert), alert]));
  const decisions: Decision[] = [];
  const pending = new Map<string, number>();
  const waits: number[] = [];
  for (const { rule, severity, forMs, notify, verdict } of judged) {
    for (const finding of verdict.findings) {
      const slot = slotOf({ rule, key: finding.key });
      if (open.has(slot)) continue;
      const since = periods.pending.get(slot) ?? elapsed;
      const whole = finding.partOf === undefined ? null : slotOf(finding.partOf);
      const toldBy = whole === null ? null : (ended.get(whole) ?? null);
      // A whole that nobody finds, because its rule is switched off, cannot tell of its parts.
      const isLeftToWhole = whole !== null && (found.has(whole) || open.has(whole));
      const leftMs = since + forMs - elapsed;
      const mustWait = toldBy === null && (isLeftToWhole || leftMs > 0);
      if (mustWait) {
        pending.set(slot, since);
        if (leftMs > 0) waits.push(leftMs);
        continue;
      }
      decisions.push({
        do: 'open',
        rule,
        severity: finding.severity ?? severity,
        finding,
        silenced: silencedBy(finding),
        notify,
        toldBy,
      });
    }
    keepUnjudged(rule, verdict, { periods, pending });
  }
  return { decisions, pending, waits };
}

/** A period goes on while nobody can say. */
function keepUnjudged(
  rule: string,
  { findings, unjudged }: Verdict,
  { periods, pending }: { periods: Periods; pending: Map<string, number> },
): void {
  const keys = new Set(findings.map(({ key }) => key));
  for (const [slot, since] of periods.pending) {
    if (!slot.startsWith(`${rule} `)) continue;
    const key = slot.slice(rule.length + 1);
    const device = Number(key.split('/', 1)[0]);
    const isUnknown = unjudged.keys.has(key) || unjudged.devices.has(device);
    if (isUnknown && !keys.has(key)) pending.set(slot, since);
  }
}

/** What becomes of alerts whose trouble goes on. */
function keeping(
  { rule, severity: usual, notify, verdict }: Judged,
  { open, silencedBy }: { open: ReadonlyMap<string, Alert>; silencedBy: (finding: Finding) => string | null },
): Decision[] {
  return verdict.findings.flatMap((finding): Decision[] => {
    const alert = open.get(slotOf({ rule, key: finding.key }));
    if (alert === undefined) return [];
    const severity = finding.severity ?? usual;
    const silenced = silencedBy(finding);
    const decisions: Decision[] = [];
    if (differs(alert, finding, severity)) decisions.push({ do: 'reword', alert, finding, severity });
    if (silenced !== alert.silenced) decisions.push({ do: 'silence', alert, silenced });
    if (silenced === null && alert.toldAt === null)
      decisions.push({ do: 'tell', alert, notify, why: untold(alert) });
    else if (silenced === null && RANK[severity] > RANK[alert.severity])
      decisions.push({ do: 'tell', alert, notify, why: `it is ${severity} now` });
    return decisions;
  });
}

function untold({ silenced }: Alert): string {
  return silenced === null ? 'nobody was told yet' : `it was silenced until now (${silenced})`;
}

function differs(alert: Alert, finding: Finding, severity: Severity): boolean {
  return (
    alert.severity !== severity ||
    alert.title !== finding.title ||
    alert.detail !== finding.detail ||
    alert.devices.join() !== finding.devices.join()
  );
}
