import { z } from 'zod';

/*
 * What is read of an answer. A field that the service leaves out, or fills
 * with something unheard of, is null: only an id is insisted on.
 */

export const text = z.string().nullable().catch(null);
export const flag = z.boolean().nullable().catch(null);
export const texts = z.array(z.string()).catch([]);
