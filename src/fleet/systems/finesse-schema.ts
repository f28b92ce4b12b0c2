import { z } from 'zod';
import { words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

/** Cisco Finesse (cloud facts 2). */
export const FinesseSystem = z
  .strictObject({
    url: systemUrl('https://finesse.example.com:8445'),
    ...connectionShape,
    username: words({ description: 'Who logs in.', examples: ['roomd'] }),
    password: words({ description: 'As a reference.', examples: ['${credential:finesse}'] }),
  })
  .meta({ id: 'FinesseSystem', description: 'Cisco Finesse.' });
export type FinesseSystem = z.output<typeof FinesseSystem>;
