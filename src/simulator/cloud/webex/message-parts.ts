import { type WebexCall, WebexRefusal } from './answer.ts';
import type { WebexCard, WebexPerson, WebexRoom, WebexState } from './state.ts';

const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';
/** The schema of cards that clients show goes up to this (cloud facts 1.4). */
const NEWEST_CARD = 1.3;

/** The card of a message: one at most, of a version that clients show. */
export function cardsIn(body: Readonly<Record<string, unknown>>): readonly WebexCard[] {
  const { attachments } = body;
  if (attachments === undefined) return [];
  if (!Array.isArray(attachments) || attachments.length !== 1)
    throw new WebexRefusal(400, 'attachments takes exactly one card.');
  const [card] = attachments as readonly Partial<WebexCard>[];
  const { contentType, content } = card ?? {};
  if (contentType !== CARD_TYPE || content?.['type'] !== 'AdaptiveCard')
    throw new WebexRefusal(400, `An attachment is an AdaptiveCard under the type ${CARD_TYPE}.`);
  if (!(Number(content['version']) <= NEWEST_CARD))
    throw new WebexRefusal(400, `The version of a card is at most ${NEWEST_CARD}.`);
  return [{ contentType, content }];
}

/** Addresses of the file of a message: an upload is kept, a public address is taken as it is. */
export function filesIn(
  { body, upload, root }: WebexCall<WebexPerson>,
  room: WebexRoom,
  state: WebexState,
): readonly string[] {
  if (upload !== null) {
    const id = state.newId('CONTENT');
    state.files.push({ ...upload, id, roomId: room.id });
    return [`${root}/contents/${id}`];
  }
  const { files } = body;
  if (files === undefined) return [];
  if (!Array.isArray(files) || files.length !== 1 || !URL.canParse(String(files[0])))
    throw new WebexRefusal(400, 'files takes exactly one public URL.');
  return [String(files[0])];
}
