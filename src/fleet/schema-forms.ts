import { z } from 'zod';
import { Wrong } from './forms.ts';

interface Meta {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  /** What holds where nothing is said, for editors and the reference; whoever reads the file puts it in. */
  readonly default?: unknown;
}

/** A text of one line. Editors are told that a number is fine, because the loader takes the text as it is written. */
export function words(meta: Meta) {
  return z
    .string()
    .min(1, { error: 'it is empty.' })
    .refine((text) => !hasControlCharacter(text), {
      error: 'it holds a control character or a line break; write it on one line.',
    })
    .meta({ ...meta, type: ['string', 'number', 'boolean'] });
}

/** A text of a certain form, and what is read from it. */
export function form<Value>(read: (text: string) => Value | Wrong, meta: Meta = {}) {
  return z
    .string()
    .meta({ ...meta })
    .transform((text, context): Value => {
      const value = read(text);
      if (!(value instanceof Wrong)) return value;
      context.addIssue({ code: 'custom', message: value.message });
      return z.NEVER;
    });
}

export function integer() {
  return z.int({ error: 'write a whole number.' });
}

export function hasControlCharacter(text: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(text);
}
