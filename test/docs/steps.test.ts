import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Pages, readyMadeFiles, readyMadePages, stepPages } from '../../scripts/docs-steps.mjs';
import { sections } from '../../src/daemon/sections.ts';
import { jsonSchemaOf } from '../../src/fleet/json-schema.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { STEPS } from '../../src/macros/steps/registry.ts';
import { document } from './documents.ts';

const FLEET = `version: 1
credentials:
  roomd: { username: roomd-admin, password: "\${env:SECRET}" }
defaults: { credentials: roomd, timezone: Europe/Oslo }
devices:
  - { name: boardroom-1, host: 10.0.3.11 }
notifiers:
  ops: { webex: { roomId: Y2lz, token: "\${env:SECRET}" } }
systems:
  webex: { token: "\${env:SECRET}" }
  meetings: { token: "\${env:SECRET}", hostEmail: rooms@example.com }
  finesse: { url: "https://finesse.example.com:8445", username: roomd, password: "\${env:SECRET}" }
chat: { allow: [{ domain: example.com, role: operator }] }
calls: { allow: ["50??", "*@example.com"] }
http: { allow: [hooks.example.com] }
macros:
  - { name: evening-off, devices: all, steps: [{ standby: "on" }] }
  - name: example
    devices: all
    when: { booking: { at: start, offset: 10m } }
    deadline: 30m
    steps:
`;

function pagesIn(folder: string): Pages {
  const names = readdirSync(new URL(`../../${folder}`, import.meta.url));
  return Object.fromEntries(names.map((name) => [name, document(`${folder}/${name}`)]));
}

describe('the pages of steps and of ready-made macros', () => {
  it('say what the steps say of themselves; npm run build && node scripts/docs-steps.mjs makes it so', () => {
    expect(pagesIn('docs/steps')).toEqual(stepPages(STEPS, jsonSchemaOf));
  });

  it('show the ready-made macros as they are, and what their tests show', () => {
    expect(pagesIn('docs/ready-made')).toEqual(
      readyMadePages(readyMadeFiles(new URL('../../examples/macros/', import.meta.url))),
    );
  });

  it.each(Object.entries(STEPS))('show an example of %s that loads without a problem', async (name, step) => {
    const { example } = step.page;
    expect(example).toMatch(new RegExp(`^- ${name}:`, 'm'));
    const { problems } = await loadFleet('/docs/fleet.yaml', {
      secrets: secretSource({ SECRET: 's' }),
      sections,
      readFile: () => Promise.resolve(FLEET + example.replaceAll(/^(?=.)/gm, '      ')),
    });
    expect(problems).toEqual([]);
  });

  it('tell of every guard and every failure in a sentence that stands for itself', () => {
    for (const [name, { page }] of Object.entries(STEPS))
      expect([name, page.guards.length > 0, page.guards.every((text) => text.endsWith('.'))]).toEqual([
        name,
        true,
        true,
      ]);
  });
});
