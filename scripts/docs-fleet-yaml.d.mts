import type { JsonSchema } from '../src/fleet/schema-cursor.ts';

export function withKeys(document: string, schema: JsonSchema): string;

export function documentedKeys(document: string, schema: JsonSchema): string[];

export function keysTable(schema: JsonSchema, name: string): string;
