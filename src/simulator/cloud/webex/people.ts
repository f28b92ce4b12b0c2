import {
  noContent,
  notAllowed,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './answer.ts';
import { take, type WebexPerson, type WebexState } from './state.ts';

const LIST_LIMITS = { most: 1000, default: 100 };
/** Ids in one question (cloud facts 1.4). */
const MOST_IDS = 85;

/** /people, /people/me and /people/{personId} (cloud facts 1.4); only administrators write. */
export function answerPeople(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const show = (person: WebexPerson): object => showPerson(person, state);
  if (call.id === 'me' && method === 'GET') return ok(show(call.caller));
  if (call.id === null && method === 'GET') return list(call, state, show);
  if (call.id === null && method === 'POST') {
    needAdmin(call.caller);
    const email = emailOf(call.body);
    if (state.people.some((person) => person.email === email))
      throw new WebexRefusal(409, 'A person with this address exists.');
    return ok(show(rename(state.personByEmail(email), call.body, state)));
  }
  const person = state.personById(call.id ?? '');
  if (person === undefined) throw new WebexRefusal(404, 'Could not find a person with provided ID.');
  if (method === 'GET') return ok(show(person));
  needAdmin(call.caller);
  if (method === 'PUT') return ok(show(rename(person, call.body, state)));
  if (method !== 'DELETE') throw notAllowed();
  take(state.people, person);
  return noContent;
}

/** /organizations and /organizations/{orgId}, without pages (cloud facts 1.4). Its DELETE is left out on purpose. */
export function answerOrganizations(
  method: string,
  call: WebexCall<WebexPerson>,
  state: WebexState,
): WebexAnswer {
  if (method !== 'GET') throw notAllowed();
  const shown = { ...state.organization, created: state.startedAt };
  if (call.id === null) return ok({ items: [shown] });
  if (call.id === shown.id) return ok(shown);
  throw new WebexRefusal(404, 'Could not find an organization with provided ID.');
}

function list(
  call: WebexCall<WebexPerson>,
  state: WebexState,
  show: (person: WebexPerson) => object,
): WebexAnswer {
  const people = state.people.map((person) => ({ ...person, id: person.personId }));
  return page(call, LIST_LIMITS, (query) => {
    const email = query.get('email');
    const displayName = query.get('displayName');
    const ids = query.get('id')?.split(',') ?? null;
    if (email === null && displayName === null && ids === null && call.caller.isAdmin !== true)
      throw new WebexRefusal(400, 'One of email, displayName or id is needed.');
    if (ids !== null && ids.length > MOST_IDS)
      throw new WebexRefusal(400, `id takes at most ${MOST_IDS} ids.`);
    const items = people.filter(
      (person) =>
        (email === null || person.email.toLowerCase() === email.toLowerCase()) &&
        (displayName === null || person.displayName.toLowerCase().startsWith(displayName.toLowerCase())) &&
        (ids === null || ids.includes(person.id)),
    );
    return { items, show };
  });
}

function needAdmin({ isAdmin }: WebexPerson): void {
  if (isAdmin !== true) throw new WebexRefusal(403, 'Only an administrator may do this.');
}

function emailOf({ emails }: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(emails) && emails.length === 1 && typeof emails[0] === 'string') return emails[0];
  throw new WebexRefusal(400, 'emails takes exactly one address.');
}

function rename(
  person: WebexPerson,
  body: Readonly<Record<string, unknown>>,
  state: WebexState,
): WebexPerson {
  const renamed = { ...person, displayName: textOf(body, 'displayName') ?? person.displayName };
  state.people.splice(state.people.indexOf(person), 1, renamed);
  return renamed;
}

function showPerson(person: WebexPerson, state: WebexState): object {
  return {
    id: person.personId,
    emails: [person.email],
    displayName: person.displayName,
    orgId: state.organization.id,
    created: state.startedAt,
    status: 'active',
    type: person.type,
  };
}
