import type { Systems } from './systems-schema.ts';

type Given = Partial<Systems>;

const token = 'this token';
const password = 'this password';
const secret = 'this secret';

/** The texts of systems that are secrets or may be asked for as one: below which keys, and what each is called. */
export const SYSTEM_SECRETS: readonly {
  readonly path: readonly string[];
  /** Null: it may stand in the file for everyone to read. */
  readonly what: string | null;
  readonly of: (systems: Given) => string | undefined;
}[] = [
  { path: ['webex', 'token'], what: token, of: ({ webex }) => webex?.token },
  { path: ['webex', 'personal'], what: token, of: ({ webex }) => webex?.personal },
  ...(['integration', 'serviceApp'] as const).flatMap((kind) => [
    { path: ['webex', kind, 'clientId'], what: null, of: ({ webex }: Given) => webex?.[kind]?.clientId },
    {
      path: ['webex', kind, 'clientSecret'],
      what: secret,
      of: ({ webex }: Given) => webex?.[kind]?.clientSecret,
    },
    {
      path: ['webex', kind, 'refreshToken'],
      what: token,
      of: ({ webex }: Given) => webex?.[kind]?.refreshToken,
    },
  ]),
  { path: ['webex', 'guest', 'issuerId'], what: null, of: ({ webex }) => webex?.guest?.issuerId },
  { path: ['webex', 'guest', 'secret'], what: secret, of: ({ webex }) => webex?.guest?.secret },
  { path: ['meetings', 'token'], what: token, of: ({ meetings }) => meetings?.token },
  { path: ['meetings', 'xml', 'webexId'], what: null, of: ({ meetings }) => meetings?.xml?.webexId },
  { path: ['meetings', 'xml', 'password'], what: password, of: ({ meetings }) => meetings?.xml?.password },
  { path: ['meetings', 'xml', 'token'], what: token, of: ({ meetings }) => meetings?.xml?.token },
  { path: ['finesse', 'username'], what: null, of: ({ finesse }) => finesse?.username },
  { path: ['finesse', 'password'], what: password, of: ({ finesse }) => finesse?.password },
  { path: ['finesse', 'token'], what: token, of: ({ finesse }) => finesse?.token },
  { path: ['cucm', 'username'], what: null, of: ({ cucm }) => cucm?.username },
  { path: ['cucm', 'password'], what: password, of: ({ cucm }) => cucm?.password },
];
