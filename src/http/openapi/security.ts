import { suffices } from '../../actions/action.ts';
import type { Role } from '../../fleet/fleet.ts';
import { SESSION_COOKIE } from '../cookie.ts';
import type { Json } from './shapes.ts';

const ROLES = ['viewer', 'operator', 'admin'] as const;

/** By what one may come in where at least this role is needed. */
export function guarded(role: Role): readonly Json[] {
  const roles = ROLES.filter((one) => suffices(one, role));
  return [{ token: roles }, { cookie: roles }];
}

export const SECURITY_SCHEMES: Readonly<Record<string, Json>> = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      'Made by `roomd token create`. While there is neither token nor user, in the file or the database, whoever is on the machine is an operator without one.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description:
      'Of a browser that is signed in by `POST /api/v1/session`; each POST carries `X-CSRF-Token`.',
  },
  trigger: { type: 'http', scheme: 'bearer', description: "Of a macro's own http trigger." },
};
