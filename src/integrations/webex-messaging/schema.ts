import { z } from 'zod';

/** What roomd reads of a person; `type` tells a bot from a human. */
export const Person = z.object({
  id: z.string(),
  emails: z.array(z.string()).catch([]),
  displayName: z.string().catch(''),
  type: z.string().catch('person'),
});
export type Person = z.infer<typeof Person>;

export const Room = z.object({
  id: z.string(),
  title: z.string().catch(''),
  type: z.string().catch('group'),
});
export type Room = z.infer<typeof Room>;

/** A field that the service leaves out is null. */
const Optional = z.string().nullable().catch(null);

export const PostedMessage = z.object({
  id: z.string(),
  roomId: Optional,
  parentId: Optional,
  text: Optional,
  markdown: Optional,
  personId: Optional,
  personEmail: Optional,
  created: Optional,
});
export type PostedMessage = z.infer<typeof PostedMessage>;

/** The body of a refusal (cloud facts 1.3); proxies in between answer anything. */
export const ErrorBody = z
  .object({
    message: Optional,
    errors: z.array(z.object({ description: z.string() })).catch([]),
    trackingId: Optional,
  })
  .catch({ message: null, errors: [], trackingId: null });
export type ErrorBody = z.infer<typeof ErrorBody>;
