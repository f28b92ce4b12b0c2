import { childrenNamed, readAnswer } from './document.ts';
import { FinesseError } from './errors.ts';
import { type FinesseCallOptions, type FinesseLink, userPath } from './link.ts';
import { type PhoneBook, readPhoneBook } from './schema.ts';

export interface PhoneBooks {
  readonly books: readonly PhoneBook[];
  /** False where the server has more contacts than it hands out. */
  readonly complete: boolean;
}

/** Contacts in one answer: what every version hands out (cloud facts 2.2). */
const PAGE = 1_500;
const PARTIAL_CONTENT = 206;
const RANGE_NOT_SATISFIABLE = 416;

/** All phone books of a user or team, the contacts page by page. */
export async function listPhoneBooks(
  link: FinesseLink,
  of: { userId: string } | { teamId: string },
  options: FinesseCallOptions & { pageSize?: number },
): Promise<PhoneBooks> {
  const size = options.pageSize ?? PAGE;
  const path =
    'userId' in of
      ? userPath(of.userId, '/PhoneBooks')
      : `/TeamResource/${encodeURIComponent(of.teamId)}/PhoneBooks`;
  const pages: PhoneBook[] = [];
  for (let first = 1; ; first += size) {
    const page = await readPage(link, { path, first, last: first + size - 1 }, options);
    if (page === 'beyond') return { books: merged(pages), complete: false };
    pages.push(...page.books);
    const contacts = page.books.reduce((sum, book) => sum + book.contacts.length, 0);
    if (!page.isPartial || contacts < size) return { books: merged(pages), complete: true };
  }
}

/** `beyond` where the server hands out no contact of such a number, though it has some before it. */
async function readPage(
  link: FinesseLink,
  { path, first, last }: { path: string; first: number; last: number },
  options: FinesseCallOptions,
): Promise<{ books: PhoneBook[]; isPartial: boolean } | 'beyond'> {
  const headers = { range: `objects=${first}-${last}` };
  try {
    const { status, body } = await link.call({ method: 'GET', path, headers }, options);
    const books = childrenNamed(readAnswer(body, 'PhoneBooks', `GET ${path}`), 'PhoneBook');
    return { books: books.map(readPhoneBook), isPartial: status === PARTIAL_CONTENT };
  } catch (error) {
    const isBeyond = error instanceof FinesseError && error.status === RANGE_NOT_SATISFIABLE && first > 1;
    if (isBeyond) return 'beyond';
    throw error;
  }
}

/** A book that goes over several pages comes in each with the contacts of that page. */
function merged(pages: readonly PhoneBook[]): PhoneBook[] {
  const books = new Map<string, PhoneBook>();
  for (const book of pages) {
    const key = `${book.type} ${book.name}`;
    const contacts = [...(books.get(key)?.contacts ?? []), ...book.contacts];
    books.set(key, { ...book, contacts });
  }
  return [...books.values()];
}
