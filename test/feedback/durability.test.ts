import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { xmlPost } from './posts.ts';
import { post } from './receiver-client.ts';

const HOOK = new URL('../support/typescript-in-workers.mjs', import.meta.url).href;

test('every post that was answered 2xx survives kill -9 in the middle of a burst', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roomd-receiver-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'roomd.db');
  const file = fileURLToPath(new URL('children/receives.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', HOOK, file, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());

  const answered: string[] = [];
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  let isUp = true;
  const burst = Array.from({ length: 20 }, async (_, at) => {
    for (let n = 0; isUp; n += 1) {
      const mark = `${at + 1}-${n}`;
      const body = xmlPost('Status', `<Audio><Mark>${mark}</Mark></Audio>`);
      const status = await post(port, `/feedback/token-${at + 1}`, body, { agent });
      if (status === 200) answered.push(mark);
      else isUp = false;
      if (answered.length === 800) child.kill('SIGKILL');
    }
  });
  await Promise.all(burst);

  const database = await openDatabase({ path, clock: systemClock(), logger: silentLogger });
  onTestFinished(() => database.close());
  const rows = await database.read(database.query.selectFrom('event').select('payload_json').limit(100_000));
  const kept = new Set(rows.map(({ payload_json }) => /"Audio\.Mark":"([\d-]+)"/.exec(payload_json)?.[1]));
  expect(answered.length).toBeGreaterThanOrEqual(800);
  expect(answered.filter((mark) => !kept.has(mark))).toEqual([]);
});
