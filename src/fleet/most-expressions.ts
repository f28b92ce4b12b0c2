/** A guide's word, and that of the vendor's schemas up to 11.27 (HttpFeedback Register, Expression). */
export const SAFE_EXPRESSIONS = 15;

/** The schema of 26.4.1. */
export const MOST_EXPRESSIONS = 50;

/** How many expressions one feedback slot takes on a device with this software (`ce26.4.1.…`); null: the software is not known. */
export function mostExpressions(software: string | null): number {
  const major = Number(/^(?:ce)?(\d+)\./.exec(software ?? '')?.[1] ?? 0);
  return major >= 26 ? MOST_EXPRESSIONS : SAFE_EXPRESSIONS;
}

/** In a sentence, how many expressions are too many for a slot; null where they are not. */
export function tooManyExpressions(
  { expressions, slots = 1 }: { readonly expressions: readonly string[]; readonly slots?: number },
  most: number,
): string | null {
  const largest = Math.ceil(expressions.length / slots);
  if (largest <= most) return null;
  const help = slots === 1 ? ', or let roomd use two slots (slots: 2)' : '';
  const split = slots === 1 ? '' : `, and each of two slots would hold ${largest}`;
  return `a feedback slot takes at most ${most} expressions, here are ${expressions.length}${split}; name a common root instead, such as /Status/RoomAnalytics${help}.`;
}
