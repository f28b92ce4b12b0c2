import { decideSlots, type PartDecision, type Slot, slotsFrom } from '../../feedback/slots.ts';
import { check, ok, type Patient, skipped, type Verdict, wrong } from './check.ts';

export const slotsCheck = check({
  name: 'slots',
  needs: ['unit'],
  look: async ({ device }, options) => slotsFrom(await device.readStatus('HttpFeedback', options)),
  judge: judgeSlots,
  failed: (error) =>
    wrong(error.message, 'only an administrator may see the feedback slots; see "role" above'),
});

function judgeSlots(slots: readonly Slot[], { desired: { feedback }, webhook }: Patient): Verdict {
  const { url, mode } = webhook;
  const owners = ownersOf(slots, url);
  if (feedback.expressions.length === 0)
    return skipped(`${owners}; the file names no expressions for it, so roomd wants none`);
  if (url === null && webhook.isAsked)
    return skipped(`${owners}; the daemon has registered none yet`, 'start it: roomd run');
  if (url === null)
    return skipped(
      `${owners}; without daemon.feedback.publicUrl roomd registers none and hears the device over its session`,
      'write daemon.feedback.publicUrl to have posts as well',
    );
  const decision = worstOf(decideSlots(slots, { ...feedback, url }).parts);
  if (decision === null) return ok(owners);
  if (decision.action === 'none-free')
    return wrong(`${owners}: ${decision.why}`, 'see which of them nobody needs any more');
  if (decision.action === 'enable')
    return wrong(
      `${owners}: ours has failed, the device gave up posting`,
      `see that ${new URL(url).origin} is reached from the device and that it trusts the certificate there (HttpFeedback.TlsVerify); in mode enforce roomd turns the slot on again by itself`,
    );
  if (decision.action === 'keep') return ok(owners);
  return mode === 'observe'
    ? skipped(`${owners}; in mode observe roomd registers none`, 'mode: enforce registers it')
    : wrong(
        `${owners}: ${decision.why}`,
        'the daemon registers it at its next look; see roomd status and its log if it does not',
      );
}

/** Where several slots are wished, the one that is furthest from it. */
function worstOf(parts: readonly PartDecision[]): PartDecision | null {
  for (const action of ['none-free', 'enable', 'register', 'keep'] as const) {
    const found = parts.find((part) => part.action === action);
    if (found !== undefined) return found;
  }
  return null;
}

/** Of another's URL only who it is: the rest may be a secret. */
function ownersOf(slots: readonly Slot[], ownUrl: string | null): string {
  if (slots.length === 0) return 'all four slots are free';
  const words = slots.map(({ number, url, status }) => {
    const isOurs = ownUrl !== null && url === ownUrl;
    const owner = isOurs
      ? 'ours'
      : URL.canParse(url)
        ? `of ${new URL(url).host}`
        : 'of an address that cannot be read';
    return `${number} is ${owner} (${status})`;
  });
  return `slot ${words.join(', ')}`;
}

export const postsCheck = check({
  name: 'posts',
  needs: ['slots'],
  look: ({ webhook }) => webhook.lastPostAt(),
  judge(lastAt, { webhook, desired: { name }, now }) {
    if (!webhook.isListening)
      return skipped('no daemon runs, so nothing listens for posts', 'start it: roomd run');
    if (webhook.url === null) return skipped('no posts are asked for');
    const prove = `roomd doctor ${name} --round-trip has the device send one, which nobody in the room notices`;
    if (webhook.doubt !== null)
      return wrong(
        webhook.doubt,
        `see that the device reaches ${new URL(webhook.url).origin} and trusts its certificate (HttpFeedback.TlsVerify), and that nothing stands between; the next post that comes ends this. Meanwhile the session carries what the device tells`,
      );
    if (lastAt === null) return skipped('no post of this device is on record yet', prove);
    const minutes = Math.round((now() - lastAt) / 60_000);
    return ok(
      `the last post came ${minutes < 1 ? 'less than a minute' : minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`} ago`,
      minutes < 1_440 ? null : prove,
    );
  },
  failed: (error) => skipped(error.message),
});
