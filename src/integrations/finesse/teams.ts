import { childrenNamed, readAnswer } from './document.ts';
import { FinesseError } from './errors.ts';
import type { FinesseCallOptions, FinesseLink } from './link.ts';
import { type FinesseTeam, readTeam, readTeamMessage, type TeamMessage } from './schema.ts';

/** Where a team message is shown now, by reading each team's messages after posting. */
export interface PostedTeamMessage {
  readonly shownTo: readonly string[];
  readonly missingIn: readonly string[];
}

const MOST_CONTENT = 255;

export async function getTeam(
  link: FinesseLink,
  teamId: string,
  options: FinesseCallOptions & { withLoggedOut?: boolean },
): Promise<FinesseTeam> {
  const query = options.withLoggedOut === true ? '?includeLoggedOutAgents=true' : '';
  const path = `/Team/${encodeURIComponent(teamId)}`;
  const { body } = await link.call({ method: 'GET', path: path + query }, options);
  return readTeam(readAnswer(body, 'Team', `GET ${path}`));
}

export async function listTeamMessages(
  link: FinesseLink,
  teamId: string,
  options: FinesseCallOptions,
): Promise<TeamMessage[]> {
  const path = `/Team/${encodeURIComponent(teamId)}/TeamMessages`;
  const { body } = await link.call({ method: 'GET', path }, options);
  return childrenNamed(readAnswer(body, 'TeamMessages', `GET ${path}`), 'TeamMessage').map(readTeamMessage);
}

/** 207 says that some of the teams did not get it, and not which: so the teams are read either way. */
export async function postTeamMessage(
  link: FinesseLink,
  message: { content: string; durationSeconds: number; teamIds: readonly string[] },
  options: FinesseCallOptions,
): Promise<PostedTeamMessage> {
  const { content, durationSeconds, teamIds } = message;
  if (content.length > MOST_CONTENT) {
    throw new FinesseError(
      'invalid',
      `a team message has at most ${MOST_CONTENT} characters, this one has ${content.length}`,
    );
  }
  const teams = { name: 'teams', children: teamIds.map((text) => ({ name: 'team', text })) };
  const texts = [
    { name: 'duration', text: String(durationSeconds) },
    { name: 'content', text: content },
  ];
  const body = { name: 'TeamMessage', children: [...texts, teams] };
  await link.call({ method: 'POST', path: '/TeamMessage', body }, options);
  const shownTo: string[] = [];
  for (const teamId of teamIds) {
    if (await isShownTo(link, teamId, content, options)) shownTo.push(teamId);
  }
  return { shownTo, missingIn: teamIds.filter((teamId) => !shownTo.includes(teamId)) };
}

/** A team that does not exist is shown nothing. */
async function isShownTo(
  link: FinesseLink,
  teamId: string,
  content: string,
  options: FinesseCallOptions,
): Promise<boolean> {
  try {
    const messages = await listTeamMessages(link, teamId, options);
    return messages.some((shown) => shown.content === content);
  } catch (error) {
    if (error instanceof FinesseError && error.code === 'not-found') return false;
    throw error;
  }
}
