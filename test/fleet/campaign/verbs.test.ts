import { describe, expect, test } from 'vitest';
import { paused } from '../../../src/fleet/campaign/verbs.ts';

describe('A pause', () => {
  test('of what is paused already leaves the first reason standing and says so', () => {
    const campaign = { state: 'running', isPaused: true, reason: 'coffee' };
    expect(paused('rollout', campaign, 'by cli:root')).toBe('it is paused already: coffee');
    expect(paused('rollout', { ...campaign, isPaused: false, reason: null }, 'coffee')).toEqual({
      isPaused: true,
      reason: 'coffee',
    });
  });
});
