import { z } from 'zod';

/** A field that the service leaves out is null. */
const Optional = z.string().nullable().catch(null);

/** RFC 3339 with any offset, as UTC milliseconds; what is no time makes the whole unreadable. */
const Instant = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((at) => !Number.isNaN(at));

/** What roomd reads of a meeting (spec webex-meeting.json). */
export const RestMeeting = z.object({
  id: z.string(),
  title: z.string(),
  agenda: Optional,
  start: Instant,
  end: Instant,
  hostEmail: z.string(),
  webLink: Optional,
  sipAddress: Optional,
  password: Optional,
  phoneAndVideoSystemPassword: Optional,
});
export type RestMeeting = z.infer<typeof RestMeeting>;

export const RestInvitee = z.object({ email: z.string(), displayName: Optional });

/** What is kept of the answer to creating or changing a meeting: the rest is read when asked for. */
export const MeetingId = z.object({ id: z.string() });

/** The body of a refusal (cloud facts 1.3); proxies in between answer anything. */
export const RestRefusal = z
  .object({
    message: Optional,
    errors: z.array(z.object({ description: z.string() })).catch([]),
    trackingId: Optional,
  })
  .catch({ message: null, errors: [], trackingId: null });
