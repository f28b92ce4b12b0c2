import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { sectionOf } from '../../src/fleet/section.ts';
import { bindMacros } from '../../src/macros/bind.ts';
import { macroSection } from '../../src/macros/macro.ts';
import { CONTROL } from '../../src/macros/script.ts';
import { STEPS } from '../../src/macros/steps/registry.ts';
import { ROOM_LANGUAGE } from '../../src/macros/vocabulary.ts';

const DOCS = new URL('../../docs/macros.md', import.meta.url);

describe('docs/macros.md', () => {
  it('shows fleet files that load without a problem', async () => {
    const text = await readFile(DOCS, 'utf8');
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const [index, yaml] of examples.entries()) {
      const { fleet, problems } = await loadFleet(`/docs/example-${index}/fleet.yaml`, {
        secrets: secretSource({ ROOMD_PASSWORD: 'p', WEBEX_TOKEN: 't' }),
        sections: [macroSection],
        readFile: () => Promise.resolve(yaml),
      });
      expect(problems).toEqual([]);
      if (fleet === null) throw new Error('no fleet');
      expect(sectionOf(fleet, macroSection)?.length).toBeGreaterThan(0);
      for (const { macro, targets } of bindMacros(fleet)) {
        expect([macro.name, targets.length > 0, macro.when !== undefined]).toEqual([macro.name, true, true]);
      }
    }
  });

  it('tells of every step and of every name that conditions know', async () => {
    const text = await readFile(DOCS, 'utf8');
    for (const step of [...Object.keys(STEPS), ...CONTROL]) expect(text).toContain(`### ${step}\n`);
    for (const name of ROOM_LANGUAGE.names) expect(text).toContain(`\`${name}`);
  });
});
