import { select } from '../fleet/selector.ts';
import { slotOf } from './alert.ts';
import { type Alerts, ruleSettings } from './alerts-schema.ts';
import type { Judged } from './decide.ts';
import type { FleetFacts } from './facts.ts';
import type { Severity, Verdict } from './rule.ts';
import { RULES } from './rules/registry.ts';

/** What the rules that the file asks for find. */
export function judge(
  alerts: Alerts,
  facts: FleetFacts,
  { open }: { readonly open: ReadonlySet<string> },
): Judged[] {
  return ruleSettings(alerts)
    .filter(([, { enabled }]) => enabled)
    .map(([name, settings]) => {
      const rule = RULES[name];
      const { devices: group, notify, severity } = settings;
      const devices = group === undefined ? facts.devices : select(group.selector, facts.devices);
      return {
        rule: name,
        severity: severity ?? rule.severity,
        forMs: settings.for ?? rule.forMs,
        clearMs: settings.clear ?? rule.clearMs,
        notify: notify ?? alerts.notify,
        watches: new Set(devices.map(({ id }) => id)),
        verdict: withSeverity(
          severity,
          rule.look(
            { ...facts, devices },
            {
              options: settings,
              siteOutage: alerts.siteOutage,
              isOpen: (other, key) => open.has(slotOf({ rule: other, key })),
            },
          ),
        ),
      };
    });
}

/** What the file says of a rule's severity holds for all that it finds. */
function withSeverity(severity: Severity | undefined, verdict: Verdict): Verdict {
  if (severity === undefined) return verdict;
  return { ...verdict, findings: verdict.findings.map((finding) => ({ ...finding, severity })) };
}
