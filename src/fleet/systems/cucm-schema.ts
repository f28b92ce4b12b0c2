import { z } from 'zod';
import { Wrong } from '../forms.ts';
import { form, words } from '../schema-forms.ts';
import { connectionShape, systemUrl } from './connection.ts';

function readVersion(text: string): string | Wrong {
  return /^\d{1,2}\.\d$/.test(text)
    ? text
    : new Wrong(`"${text}" is no version of the AXL schema: write for example 14.0.`);
}

/** Unified CM by AXL and RISPort70 (cloud facts 4). */
export const CucmSystem = z
  .strictObject({
    url: systemUrl('https://cucm.example.com:8443'),
    ...connectionShape,
    username: words({ description: 'The application user.', examples: ['roomd'] }),
    password: words({ description: 'As a reference.', examples: ['${credential:cucm}'] }),
    version: form(readVersion, {
      description: 'The version of the AXL schema; 14.0 where nothing is said.',
      examples: ['14.0'],
    }).prefault('14.0'),
  })
  .meta({ id: 'CucmSystem', description: 'Cisco Unified Communications Manager.' });
export type CucmSystem = z.output<typeof CucmSystem>;
