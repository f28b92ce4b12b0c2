import { describe, expect, it, onTestFinished } from 'vitest';
import { NotifierDesk } from '../../src/daemon/notifiers.ts';
import type { Fleet } from '../../src/fleet/fleet.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { startTeamsWorkflow } from '../../src/simulator/cloud/teams-workflow.ts';

async function fleetWith(url: string): Promise<Fleet> {
  const text = `version: 1\ndevices: []\nnotifiers:\n  flow: { teams: { url: "\${env:FLOW}" } }\n`;
  const { fleet } = await loadFleet('/f/fleet.yaml', {
    secrets: secretSource({ FLOW: url }),
    sections: [],
    readFile: () => Promise.resolve(text),
  });
  if (fleet === null) throw new Error('the fleet file did not load');
  return fleet;
}

describe('the notifiers of the fleet in force', () => {
  it('tell Teams, and stay the same object until the secret changes', async () => {
    const [one, other] = [await startTeamsWorkflow(), await startTeamsWorkflow()];
    const desk = new NotifierDesk({
      webex: { client: () => Promise.reject(new Error('the file names no systems.webex')) },
      clock: systemClock(),
      logger: silentLogger,
    });
    for (const close of [one.stop, other.stop, () => desk.close()]) onTestFinished(close);
    const [first] = desk.adopt(await fleetWith(one.url));
    const [same] = desk.adopt(await fleetWith(one.url));
    const [changed] = desk.adopt(await fleetWith(other.url));
    expect(same).toBe(first);
    expect(changed).not.toBe(first);
    await changed?.send({ markdown: 'hello' }, { key: '1' });
    expect([one.cards, other.cards].map(({ length }) => length)).toEqual([0, 1]);
  });
});
