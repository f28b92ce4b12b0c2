import { z } from 'zod';
import { words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

/** Cisco Finesse (cloud facts 2). */
export const FinesseSystem = z
  .strictObject({
    url: systemUrl('https://finesse.example.com:8445'),
    ...connectionShape,
    username: words({ description: 'Who logs in: the id of a user.', examples: ['roomd'] }),
    password: words({ description: 'As a reference.', examples: ['${credential:finesse}'] }).optional(),
    token: words({
      description: 'A bearer token instead of a password, where Finesse uses Single Sign-On; as a reference.',
      examples: ['${credential:finesse-token}'],
    }).optional(),
  })
  .refine(({ password, token }) => (password === undefined) !== (token === undefined), {
    error: 'write either password or token: what the user logs in with.',
  })
  .meta({ id: 'FinesseSystem', description: 'Cisco Finesse.' });
export type FinesseSystem = z.output<typeof FinesseSystem>;
