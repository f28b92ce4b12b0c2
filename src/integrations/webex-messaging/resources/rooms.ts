import { z } from 'zod';
import type { WebexCore } from '../core.ts';
import { flag, text } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';
import type { Whom } from './teams.ts';

export const Room = z.object({
  id: z.string(),
  title: z.string().catch(''),
  type: z.string().catch('group'),
  teamId: text,
  description: text,
  isLocked: flag,
  isPublic: flag,
  isAnnouncementOnly: flag,
  isReadOnly: flag,
  creatorId: text,
  lastActivity: text,
  created: text,
});
export type Room = z.infer<typeof Room>;

export interface RoomQuery {
  readonly teamId?: string | undefined;
  readonly type?: 'direct' | 'group' | undefined;
  readonly sortBy?: 'id' | 'lastactivity' | 'created' | undefined;
  /** Items on a page, 1 to 1,000; the service takes 100 when left out. */
  readonly max?: number | undefined;
}

interface RoomText {
  readonly title: string;
  readonly description?: string | undefined;
  readonly isLocked?: boolean | undefined;
  readonly isPublic?: boolean | undefined;
  readonly isAnnouncementOnly?: boolean | undefined;
}

export type Rooms = Verbs<Room, RoomQuery, RoomText & { readonly teamId?: string | undefined }, RoomText>;

/** /rooms (cloud facts 1.4); `meetingInfo` below it has ended. */
export const roomsOf = (core: WebexCore): Rooms => verbsOf(core, { path: '/rooms', item: Room });

export const Membership = z.object({
  id: z.string(),
  roomId: text,
  roomType: text,
  personId: text,
  personEmail: text,
  personDisplayName: text,
  personOrgId: text,
  isModerator: flag,
  isMonitor: flag,
  isRoomHidden: flag,
  created: text,
});
export type Membership = z.infer<typeof Membership>;

export type Memberships = Verbs<
  Membership,
  {
    readonly roomId?: string | undefined;
    readonly personId?: string | undefined;
    readonly personEmail?: string | undefined;
    readonly max?: number | undefined;
  },
  Whom & { readonly roomId: string; readonly isModerator?: boolean | undefined },
  { readonly isModerator: boolean; readonly isRoomHidden?: boolean | undefined }
>;

/** /memberships (cloud facts 1.4). */
export const membershipsOf = (core: WebexCore): Memberships =>
  verbsOf(core, { path: '/memberships', item: Membership });
