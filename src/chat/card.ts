/** Keys of what a button of ours submits. */
export const NONCE_KEY = 'roomdNonce';
const CHOICE_KEY = 'roomdChoice';
/** What a button on a macro's own card says it is for. */
const WORD_KEY = 'roomd';

/** An adaptive card that asks a question; cloud facts 1.4: Webex shows versions up to 1.3. */
export function questionCard(text: string, options: readonly string[], nonce: string): object {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.3',
    body: [{ type: 'TextBlock', text, wrap: true }],
    actions: options.map((title, at) => ({
      type: 'Action.Submit',
      title,
      data: { [NONCE_KEY]: nonce, [CHOICE_KEY]: at + 1 },
    })),
  };
}

/** What somebody pressed, as far as it is of a card of ours. */
export interface CardInputs {
  readonly nonce: string | null;
  readonly choice: number | null;
  readonly word: string | null;
  readonly value: string;
}

const LONGEST_VALUE = 200;

export function readInputs(inputs: Readonly<Record<string, unknown>>): CardInputs {
  const text = (key: string): string | null => {
    const value = inputs[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const choice = Number(inputs[CHOICE_KEY] ?? Number.NaN);
  return {
    nonce: text(NONCE_KEY),
    choice: Number.isInteger(choice) ? choice : null,
    word: text(WORD_KEY)?.toLowerCase() ?? null,
    value: (text('value') ?? '').slice(0, LONGEST_VALUE),
  };
}

/** The card with the nonce in every button that submits, and the words of those that have one. */
export function withNonce(
  card: object,
  nonce: string,
): { readonly card: object; readonly words: Set<string> } {
  const words = new Set<string>();
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const node: Record<string, unknown> = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, visit(inner)]),
    );
    if (node['type'] !== 'Action.Submit') return node;
    const data = typeof node['data'] === 'object' && node['data'] !== null ? { ...node['data'] } : {};
    const word = readInputs({ ...data }).word;
    if (word !== null) words.add(word);
    return { ...node, data: { ...data, [NONCE_KEY]: nonce } };
  };
  return { card: visit(card) as object, words };
}
