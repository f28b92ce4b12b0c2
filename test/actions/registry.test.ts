import { describe, expect, test } from 'vitest';
import { actions } from '../../src/actions/registry.ts';

const byName = new Map(actions.map((action) => [action.name, action]));

describe('The verbs', () => {
  test('have a name, a sentence and a path of their own', () => {
    expect(byName.size).toBe(actions.length);
    expect(new Set(actions.map(({ http }) => `${http.method} ${http.path}`)).size).toBe(actions.length);
    for (const { summary } of actions) expect(summary).toMatch(/^(roomd|[A-Z]).{15,}\.$/);
  });

  test('of a viewer change nothing: everything else needs a role', () => {
    const roles = Object.fromEntries(actions.map(({ name, role }) => [name, role]));
    expect(roles).toMatchObject({
      system: 'viewer',
      devices: 'viewer',
      plan: 'viewer',
      presence: 'viewer',
      events: 'viewer',
      apply: 'operator',
      hold: 'operator',
      'hold.release': 'operator',
      'macros.run': 'operator',
      reload: 'operator',
      trust: 'admin',
    });
    const asked = actions.filter(({ http }) => http.method === 'GET');
    // Who may come in is nobody's business but an admin's.
    expect(asked.filter(({ role }) => role !== 'viewer').map(({ name }) => name)).toEqual([
      'tokens',
      'users',
    ]);
  });

  test('refuse what they do not know, so that a mistyped selector never means the whole fleet', () => {
    for (const { name, input } of actions)
      expect([name, input.safeParse({ device_s: 'hall' }).success]).toEqual([name, false]);
  });
});
