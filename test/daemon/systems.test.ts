import { describe, expect, it, onTestFinished } from 'vitest';
import { SystemDesk } from '../../src/daemon/systems/desk.ts';
import { WebexDesk } from '../../src/daemon/systems/webex-desk.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { loadText } from '../fleet/load-text.ts';
import { standInFor } from '../integrations/webex-meetings/support.ts';
import { finesse } from '../support/finesse.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { keepingLogger } from '../support/world.ts';

const ORDER = { title: 'Now', minutes: 30, timezone: 'Europe/Oslo', invitees: [], sendEmail: false };

async function fleetOf(systems: string, env: Record<string, string> = {}): Promise<Fleet> {
  const text = `version: 1\nsystems:\n${systems}\ndevices: []`;
  const { fleet, problems } = await loadText(text, { env, missingServiceSecrets: 'warning' });
  if (fleet === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return fleet;
}

function meetingsAt({ restUrl }: { restUrl: string }): Promise<Fleet> {
  return fleetOf(`  meetings: { url: "${restUrl}", token: "\${env:TOKEN}" }`, { TOKEN: 'ada-token' });
}

async function deskOn(first: Fleet) {
  const clock = systemClock();
  const now = { fleet: first };
  const { logger, lines } = keepingLogger();
  const { database, close } = await temporaryDatabase();
  const fleet = () => now.fleet;
  const webex = new WebexDesk({ fleet }, { database, clock, logger });
  const desk = new SystemDesk(
    { fleet },
    { webex, clock, random: seededRandom(1), newId: uuidv7(clock), logger },
  );
  for (const end of [close, () => webex.close(), () => desk.close()]) onTestFinished(end);
  return { desk, now, lines };
}

describe('the daemon’s clients of other systems', () => {
  it('schedule with the token of systems.webex where meetings have none of their own', async () => {
    const standIn = await standInFor();
    const systems = `  webex: { token: "\${env:TOKEN}" }\n  meetings: { url: "${standIn.restUrl}" }`;
    const { desk, now } = await deskOn(await fleetOf(systems, { TOKEN: 'ada-token' }));
    const { meetingId, sipAddress } = await desk.meetings.schedule(ORDER, {});
    expect(standIn.meetings().map(({ id }) => id)).toEqual([meetingId]);
    expect(sipAddress).toContain('@');
    standIn.revoke('ada-token');
    now.fleet = await fleetOf(systems, { TOKEN: 'bob-token' });
    expect(await desk.check({})).toMatchObject([
      // The stand-in of meetings knows nobody.
      { system: 'webex', ok: false },
      { system: 'meetings', ok: true, found: `${standIn.restUrl} answers` },
    ]);
  });

  it('take back what they made, also after the file names another address', async () => {
    const [one, other] = [await standInFor(), await standInFor()];
    const { desk, now } = await deskOn(await meetingsAt(one));
    const made = await desk.meetings.schedule(ORDER, {});
    now.fleet = await meetingsAt(other);
    await desk.meetings.schedule(ORDER, {});
    expect([one.meetings().length, other.meetings().length]).toEqual([1, 1]);
    await made.undo();
    expect([one.meetings().length, other.meetings().length]).toEqual([0, 1]);
  });

  it('do not send a secret that was refused until the file has another, also over reloads', async () => {
    const standIn = await finesse({ tls: false });
    const withPassword = (password: string) =>
      fleetOf(`  finesse: { url: "${standIn.url}", username: "2050", password: "\${env:PW}" }`, {
        PW: password,
      });
    const { desk, now } = await deskOn(await withPassword('wrong'));
    for (let turn = 0; turn < 6; turn += 1) {
      now.fleet = await withPassword('wrong');
      await expect(desk.finesse.teamReady('500', {})).rejects.toMatchObject({ code: 'login-refused' });
    }
    expect(standIn.requests()).toHaveLength(1);
    expect(desk.health()[0]?.reason).toMatch(/^Finesse cannot be used since \d{4}-.*: /);
    now.fleet = await withPassword('super');
    expect(await desk.finesse.teamReady('500', {})).toMatchObject({ agent: { extension: '5002' } });
    expect(desk.health()).toEqual([{ part: 'finesse', reason: null }]);
  });

  it('count what is refused for its own sake as no trouble of the system', async () => {
    const standIn = await finesse({ tls: false });
    const { desk } = await deskOn(
      await fleetOf(`  finesse: { url: "${standIn.url}", username: admin, password: "\${env:PW}" }`, {
        PW: 'admin',
      }),
    );
    await expect(desk.finesse.teamReady('999', {})).rejects.toMatchObject({ code: 'not-found' });
    expect(desk.health()).toEqual([{ part: 'finesse', reason: null }]);
    standIn.failover(true);
    expect(await desk.check({})).toMatchObject([
      { system: 'finesse', ok: false, found: expect.stringContaining('OUT_OF_SERVICE') },
    ]);
  });

  it('ask nothing without a secret, and nothing that the file does not name', async () => {
    const standIn = await standInFor();
    const { desk, now } = await deskOn(
      await fleetOf(`  meetings: { url: "${standIn.restUrl}", token: "\${env:GONE}" }`),
    );
    await expect(desk.meetings.schedule(ORDER, {})).rejects.toMatchObject({ code: 'secret-missing' });
    expect(standIn.requests()).toEqual([]);
    now.fleet = await fleetOf('  cucm: { url: "https://c", username: a, password: "${env:GONE}" }');
    await expect(desk.meetings.schedule(ORDER, {})).rejects.toMatchObject({ code: 'not-named' });
    expect(desk.health()).toEqual([]);
  });

  it('need a token from somewhere when the file is loaded', async () => {
    await expect(fleetOf('  meetings: {}')).rejects.toThrow('there is no token to speak with');
  });
});
