import { type Action, ActionError } from '../actions/action.ts';
import { suggesting } from '../lib/suggest.ts';

/** The fields that items are cut to; null: they are left whole. */
export type Fields = readonly string[] | null;

/**
 * Takes `fields` out of a query.
 * @throws ActionError `bad-input` for a field that the items do not have
 */
export function fieldsAsked(
  action: Action,
  query: Readonly<Record<string, unknown>>,
): { fields: Fields; rest: Readonly<Record<string, unknown>> } {
  const { fields: text, ...rest } = query;
  if (text === undefined || action.sparse === undefined) return { fields: null, rest: query };
  const known = Object.keys(action.sparse.shape);
  if (typeof text !== 'string')
    throw new ActionError('bad-input', 'fields: write them once, with commas between them');
  const fields = [...new Set(text.split(',').map((field) => field.trim()))];
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new ActionError(
      'bad-input',
      suggesting(`fields: there is no "${unknown}"; there are ${known.join(', ')}`, unknown, known),
    );
  return { fields, rest };
}

/** A list with its items cut to some fields. */
export function cutTo(fields: Fields, answer: unknown): unknown {
  if (fields === null || typeof answer !== 'object' || answer === null || !('items' in answer)) return answer;
  const items = (answer.items as readonly Record<string, unknown>[]).map((item) =>
    Object.fromEntries(fields.map((field) => [field, item[field]])),
  );
  return { ...answer, items };
}
