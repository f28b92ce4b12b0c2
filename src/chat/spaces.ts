import type { WebexClient } from '../integrations/webex-messaging/client.ts';
import type { WebexContent } from '../integrations/webex-messaging/resources/messages.ts';
import type { Clock } from '../lib/clock.ts';
import type { SpacePorts } from '../macros/ports.ts';
import type { NewNonce } from './asker.ts';
import { withNonce } from './card.ts';
import type { CardBook } from './card-book.ts';
import { ChatError } from './errors.ts';

interface Parts {
  /** @throws RoomdError where the file names no Webex */
  readonly client: () => Promise<WebexClient>;
  /** Whether what is pressed on cards is heard now. */
  readonly hearsCards: () => boolean;
  readonly book: CardBook;
  readonly newNonce: NewNonce;
  readonly clock: Clock;
}

/** A card of a macro can be pressed for so long. */
const CARD_MS = 7 * 86_400_000;
const ARCHIVED = 'Archived: ';

/** Spaces of Webex as macros use them. Every verb throws WebexError, or ChatError. */
export function spacesOf({ client, hearsCards, book, newNonce, clock }: Parts): SpacePorts {
  return {
    async create(title, options) {
      return (await (await client()).rooms.create({ title }, options)).id;
    },
    async invite(roomId, email, options) {
      await (await client()).memberships.create({ roomId, personEmail: email }, options);
    },
    async post(roomId, { markdown, card, file, deviceId }, options) {
      const { messages } = await client();
      if (card === null) {
        const content: WebexContent = {
          ...(markdown === null ? {} : { markdown }),
          ...(file === null ? {} : { file }),
        };
        return (await messages.create({ roomId, ...content }, options)).id;
      }
      const nonce = newNonce('card');
      const ready = withNonce(card, nonce);
      const posted = await messages.create({ roomId, text: markdown ?? 'A card', card: ready.card }, options);
      if (!hearsCards()) return posted.id;
      const waiting = { kind: 'macro', words: [...ready.words], deviceId } as const;
      await book.open(nonce, waiting, { expiresAt: clock.now() + CARD_MS });
      await book.place(nonce, { roomId: posted.roomId ?? roomId, messageId: posted.id });
      return posted.id;
    },
    async archive(roomId, options) {
      const { rooms } = await client();
      const { title } = await rooms.get(roomId, options);
      if (!title.startsWith(ARCHIVED)) await rooms.update(roomId, { title: ARCHIVED + title }, options);
    },
    async remove(roomId, options) {
      const { rooms, people } = await client();
      const [room, me] = [await rooms.get(roomId, options), await people.me(options)];
      if (room.creatorId !== me.id)
        throw new ChatError(
          'not-ours',
          `roomd did not make the space "${room.title}" and does not delete it`,
        );
      await rooms.delete(roomId, options);
    },
  };
}
