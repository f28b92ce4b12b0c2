import { z } from 'zod';
import type { WebexCore } from '../core.ts';
import { text, texts } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';
import type { WebexCallOptions } from '../transport.ts';

/** What roomd reads of a person; `type` tells a bot from a human. */
export const Person = z.object({
  id: z.string(),
  emails: texts,
  displayName: z.string().catch(''),
  firstName: text,
  lastName: text,
  orgId: text,
  status: text,
  type: z.string().catch('person'),
  created: text,
});
export type Person = z.infer<typeof Person>;

export interface PersonQuery {
  readonly email?: string | undefined;
  /** The beginning of the name. */
  readonly displayName?: string | undefined;
  /** At most 85. */
  readonly id?: readonly string[] | undefined;
  readonly orgId?: string | undefined;
  readonly max?: number | undefined;
}

/** What an administrator may say of a person; an update replaces the whole. */
export interface PersonText {
  /** Exactly one. */
  readonly emails: readonly string[];
  readonly displayName?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly orgId?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly licenses?: readonly string[] | undefined;
}

export interface People
  extends Verbs<
    Person,
    PersonQuery,
    PersonText,
    Omit<PersonText, 'emails' | 'displayName'> & { displayName: string }
  > {
  /** Whose credential it is. */
  readonly me: (options?: WebexCallOptions) => Promise<Person>;
}

/** /people (cloud facts 1.4). */
export function peopleOf(core: WebexCore): People {
  return {
    ...verbsOf(core, { path: '/people', item: Person }),
    me: (options = {}) => core.ask({ method: 'GET', path: '/people/me' }, Person, options),
  };
}

export const Organization = z.object({ id: z.string(), displayName: z.string().catch(''), created: text });
export type Organization = z.infer<typeof Organization>;

export type Organizations = Pick<Verbs<Organization, object, never, never>, 'list' | 'get'>;

/** /organizations, only to be looked at: deleting one is not for roomd (cloud facts 1.4). */
export function organizationsOf(core: WebexCore): Organizations {
  const { list, get } = verbsOf<Organization, object, object, object>(core, {
    path: '/organizations',
    item: Organization,
  });
  return { list, get };
}
