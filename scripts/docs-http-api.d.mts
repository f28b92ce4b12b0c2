import type { Action } from '../src/actions/action.ts';

export function withOperations(document: string, actions: readonly Action[]): string;
