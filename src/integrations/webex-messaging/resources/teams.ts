import { z } from 'zod';
import type { WebexCore } from '../core.ts';
import { flag, text } from '../fields.ts';
import { type Verbs, verbsOf } from '../resource.ts';

export const Team = z.object({ id: z.string(), name: text, description: text, created: text });
export type Team = z.infer<typeof Team>;

/** Who a membership is for: one of both. */
export type Whom = { readonly personId: string } | { readonly personEmail: string };

interface TeamText {
  readonly name: string;
  readonly description?: string | undefined;
}

export type Teams = Verbs<Team, { readonly max?: number | undefined }, TeamText, TeamText>;

/** /teams (cloud facts 1.4). */
export const teamsOf = (core: WebexCore): Teams => verbsOf(core, { path: '/teams', item: Team });

export const TeamMembership = z.object({
  id: z.string(),
  teamId: text,
  personId: text,
  personEmail: text,
  personDisplayName: text,
  personOrgId: text,
  isModerator: flag,
  created: text,
});
export type TeamMembership = z.infer<typeof TeamMembership>;

export type TeamMemberships = Verbs<
  TeamMembership,
  { readonly teamId: string; readonly max?: number | undefined },
  Whom & { readonly teamId: string; readonly isModerator?: boolean | undefined },
  { readonly isModerator: boolean }
>;

/** /team/memberships, which is the path there is (cloud facts 1.4). */
export const teamMembershipsOf = (core: WebexCore): TeamMemberships =>
  verbsOf(core, { path: '/team/memberships', item: TeamMembership });
