import { z } from 'zod';
import { CucmSystem } from './cucm-schema.ts';
import { FinesseSystem } from './finesse-schema.ts';
import { MeetingsSystem } from './meetings-schema.ts';
import { WebexSystem } from './webex-schema.ts';

/** Other systems than devices that roomd speaks to; each is left out where it is not used. */
export const Systems = z
  .strictObject({
    webex: WebexSystem.optional(),
    meetings: MeetingsSystem.optional(),
    finesse: FinesseSystem.optional(),
    cucm: CucmSystem.optional(),
  })
  .meta({ id: 'Systems', description: 'Other systems that roomd speaks to.' });
export type Systems = z.output<typeof Systems>;
