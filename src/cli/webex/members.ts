import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import { flagOf, type Given, idOf, neededText, type WebexVerb, whomOf } from './verb.ts';

export const PERSON = ['--person <person>', 'by address or id'] as const;
export const AS_MODERATOR = ['--moderator', 'as a moderator'] as const;

/** Whom `--person` names, and whether as a moderator. */
export function newMember(given: Given) {
  return { ...whomOf(neededText(given, 'person')), isModerator: flagOf(given, 'moderator') };
}

/** Of the members of rooms and of teams alike. */
export function moderatorVerb(
  verbs: (client: WebexClient) => {
    readonly update: (
      id: string,
      change: { isModerator: boolean },
      options: { signal: AbortSignal },
    ) => Promise<object>;
  },
): WebexVerb {
  return {
    use: 'update <id>',
    description: 'make a member a moderator, or no longer one',
    options: [['--moderator', 'a moderator; without it, none']],
    run: (client, given) =>
      verbs(client).update(idOf(given), { isModerator: flagOf(given, 'moderator') ?? false }, given),
  };
}
