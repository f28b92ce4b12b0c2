import { computed, signal } from '@preact/signals';
import { ask, Problem, useCsrf } from './api.ts';

/** Who looks, as `GET /api/v1/session` tells it. */
export interface Who {
  readonly actor: string;
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  /** The selector of the rooms that are shown; null: all. */
  readonly devices: string | null;
  readonly csrf: string | null;
  readonly by: 'loopback' | 'token' | 'user';
}

/** Null while nobody is signed in, undefined before that is known. */
export const who = signal<Who | null | undefined>(undefined);

/** Why it is not known who looks; null while it is. */
export const sessionProblem = signal<Problem | null>(null);

const RANK = { viewer: 0, operator: 1, admin: 2 } as const;

export const mayOperate = computed(() => RANK[who.value?.role ?? 'viewer'] >= RANK.operator);

/** Whether they see the whole fleet, and so what concerns it as a whole. */
export const seesAll = computed(() => (who.value?.devices ?? null) === null);

function take(next: Who | null): void {
  useCsrf(next?.csrf ?? null);
  sessionProblem.value = null;
  who.value = next;
}

export async function readSession(): Promise<void> {
  try {
    take(await ask<Who>('/session'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) take(null);
    else if (error instanceof Problem) sessionProblem.value = error;
  }
}

/** @throws Problem */
export async function signIn(login: { user: string; password: string } | { token: string }): Promise<void> {
  take(await ask<Who>('/session', { body: login }));
}

export async function signOut(): Promise<void> {
  await ask('/session/end', { body: {} }).catch(() => null);
  take(null);
}

/** The session ended meanwhile: ask again who looks. */
export function onUnauthenticated(): void {
  if (who.value !== null) take(null);
}
