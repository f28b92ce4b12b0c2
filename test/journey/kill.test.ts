import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { startRoomd } from '../support/roomd-process.ts';
import { eventually, fleetText, freePort, PASSWORD, simulated, temporaryFolder } from '../support/world.ts';

const BODY = (click: number, serial: string) =>
  `<Event><Identification><SerialNumber>${serial}</SerialNumber></Identification><UserInterface><Extensions><Panel><Clicked><PanelId>panel-${click}</PanelId></Clicked></Panel></Extensions></UserInterface></Event>`;

describe('A daemon that is killed without warning', () => {
  test('holds every post that it answered, and goes on after the restart', async () => {
    const simulator = await simulated([{ name: 'lobby' }]);
    const folder = temporaryFolder();
    const feedbackPort = await freePort();
    const text = fleetText({ devices: simulator.devices, mode: 'enforce', feedbackPort });
    writeFileSync(join(folder, 'fleet.yaml'), text);
    const env = { ROOM_PASSWORD: PASSWORD };
    const first = startRoomd(['run'], { cwd: folder, env });
    await first.line((line) => line.includes('roomd runs'));
    const lobby = simulator.device('lobby');
    const url = await eventually(() => {
      const slot = lobby.state.slots.list().find((one) => one.url.includes('/feedback/'));
      expect(slot).toBeDefined();
      return slot?.url ?? '';
    }, 10_000);

    const answered: number[] = [];
    let click = 0;
    const over = new AbortController();
    const poster = async (): Promise<void> => {
      while (!over.signal.aborted) {
        click += 1;
        const mine = click;
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'text/xml' },
          body: BODY(mine, lobby.serial),
        }).catch(() => null);
        if (response?.ok) answered.push(mine);
      }
    };
    const posters = Array.from({ length: 8 }, poster);
    await eventually(() => expect(answered.length).toBeGreaterThan(200), 15_000);
    await first.kill('SIGKILL');
    over.abort();
    await Promise.all(posters);

    const second = startRoomd(['run'], { cwd: folder, env });
    await second.line((line) => line.includes('roomd runs'));
    const { code } = await second.kill('SIGTERM');
    expect(code).toBe(0);
    const stored = await panelsIn(join(folder, 'data/roomd.db'));
    expect(answered.filter((one) => !stored.has(`panel-${one}`))).toEqual([]);
  }, 45_000);
});

async function panelsIn(path: string): Promise<ReadonlySet<string>> {
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  try {
    const rows = await database.read(
      database.query.selectFrom('event').select('payload_json').where('source', '=', 'webhook'),
    );
    return new Set(rows.flatMap(({ payload_json }) => payload_json.match(/panel-\d+/g) ?? []));
  } finally {
    await database.close();
  }
}
