import { z } from 'zod';
import { type Action, ActionError } from './action.ts';
import { DoctorFindingAnswer } from './answers.ts';
import { viewOf } from './devices.ts';
import type { Finding } from './doctor/check.ts';

const Input = z.strictObject({ name: z.string() });

export const roundTrip: Action<z.output<typeof Input>, Finding> = {
  name: 'doctor.round-trip',
  summary:
    'Has a device send one post and waits for it: a free feedback slot is registered for a message that nobody in the room sees, and given back.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/round-trip' },
  input: Input,
  answer: DoctorFindingAnswer,
  async run({ name }, ports, { actor }, { signal }) {
    viewOf(ports, name);
    if (ports.roundTrip === undefined)
      throw new ActionError(
        'conflict',
        'nothing listens for posts without a daemon: start it with `roomd run`',
      );
    return ports.roundTrip(name, { actor }, { signal });
  },
};
