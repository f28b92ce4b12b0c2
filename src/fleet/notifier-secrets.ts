import type { Notifier } from './notifier-schema.ts';

/** The texts of a notifier that are secrets or ask for them: below which keys, and what each is called. */
export const NOTIFIER_SECRETS = [
  { path: ['webex', 'token'], what: 'this token', of: ({ webex }: Partial<Notifier>) => webex?.token },
  { path: ['email', 'user'], what: null, of: ({ email }: Partial<Notifier>) => email?.user },
  {
    path: ['email', 'password'],
    what: 'this password',
    of: ({ email }: Partial<Notifier>) => email?.password,
  },
  {
    path: ['webhook', 'secret'],
    what: 'this secret',
    of: ({ webhook }: Partial<Notifier>) => webhook?.secret,
  },
  { path: ['teams', 'url'], what: 'this URL', of: ({ teams }: Partial<Notifier>) => teams?.url },
] as const;
