import { aboutRoomd, defineRule } from '../rule.ts';

export const webexRefused = defineRule({
  name: 'webex-refused',
  summary:
    'Webex does not take the login of systems.webex: a refresh token was revoked or has ended, or a token is no good any more.',
  severity: 'warning',
  forMs: 15_000,
  clearMs: 15_000,
  options: {},
  look: ({ webex }) =>
    aboutRoomd(
      webex === null
        ? []
        : [
            {
              key: 'webex',
              title: 'Webex does not take roomd’s login',
              cleared: 'Webex takes roomd’s login again',
              detail: `${webex.reason}. What goes by systems.webex waits; everything else goes on.`,
              remedy: REMEDIES[webex.credential],
            },
          ],
    ),
});

const REMEDIES = {
  integration:
    'Grant anew: roomd webex authorize gives the address at which a person does it; without a redirectUri in the file, put the new refresh token where refreshToken points to.',
  'service-app':
    'Have an administrator authorise the service app in Control Hub, take its new refresh token from the developer portal, and put it where refreshToken points to.',
  bot: 'Make a new token for the bot in the developer portal, and put it where token points to.',
  personal:
    'A personal token ends after 12 hours: take a bot, an integration (roomd webex authorize) or a service app.',
  guest: 'Check issuerId and secret of the guest issuer; a guest issuer that was deleted does not come back.',
} as const;
