import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { alertsOf, alertsSection } from '../../src/alerts/alerts-section.ts';
import { RULES } from '../../src/alerts/rules/registry.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';

const text = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');

describe('docs/alerts.md', () => {
  it('has a section of every rule, with its severity, in the order of the registry, and no other', () => {
    const [, rules = ''] = text.split('\n## Rules\n');
    const sections = [...rules.matchAll(/^### (\S+)\n\n\*(\w+)/gm)];
    expect(sections.map(([, name]) => name)).toEqual(Object.keys(RULES));
    for (const [, name, severity] of sections) {
      const rule = Object.values(RULES).find((one) => one.name === name);
      expect([name, severity]).toEqual([name, rule?.severity]);
    }
  });

  it('tells of every option that only one rule has', () => {
    for (const { name, options } of Object.values(RULES)) {
      const [section = ''] = (text.split(`\n### ${name}\n`)[1] ?? '').split('\n### ');
      for (const option of Object.keys(options)) expect(section).toContain(`\`${option}\``);
    }
  });

  it('shows a fleet file that loads without a problem', async () => {
    const [, yaml = ''] = /^```yaml\n(.*?)^```/ms.exec(text) ?? [];
    const { fleet, problems } = await loadFleet('/docs/fleet.yaml', {
      secrets: secretSource({
        ROOMD_PASSWORD: 'p',
        WEBEX_TOKEN: 't',
        MAIL_PASSWORD: 'm',
        HOOK_SECRET: 'h',
        TEAMS_WORKFLOW: 'https://flow.example.com/?sig=s',
      }),
      sections: [alertsSection],
      readFile: () => Promise.resolve(yaml),
    });
    expect(problems).toEqual([]);
    expect(fleet === null ? null : alertsOf(fleet).notify).toEqual(['ops']);
  });
});
