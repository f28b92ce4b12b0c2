import { appendFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import type { Benchmark } from './benchmark.ts';
import { Child, withChildren } from './child.ts';
import { median, spread, table } from './figures.ts';

/** What a page holds settles after its first filters; whatever grows with each would be a multiple at the end. */
const LIMIT = 1.5;
const ROOMS = 5_000;
const FILTERS = 60;
/** One line for each run, so that a page that grew slow is seen beside when it was not. */
const HISTORY = fileURLToPath(new URL('../../docs/dashboard-history.jsonl', import.meta.url));

interface Round {
  /** From the request of the page to its first row, milliseconds. */
  readonly paintMs: number;
  /** From a keystroke in the filter to the frame in which its rows stand, milliseconds. */
  readonly filterMs: readonly number[];
  readonly heapAfterFirst: number;
  readonly heapAtEnd: number;
}

/** The page of all devices with 5,000 rooms in Chromium. */
export const dashboard: Benchmark = async ({ rounds, small, out }) => {
  if (!hasChromium) throw new Error('the dashboard is measured in Chromium, and there is none: install it');
  const count = small ? ROOMS / 10 : ROOMS;
  out(`dashboard: ${count} rooms, ${FILTERS} filters, ${rounds} rounds`);
  const measured = await withChildren({ roomd: new Child('http-roomd') }, async ({ roomd }) => {
    const url = await roomd.ask<string>('open', { count });
    const all: Round[] = [];
    for (let round = 0; round < rounds; round += 1) all.push(await look(`${url}/devices`, count));
    return all;
  });
  const paint = measured.map(({ paintMs }) => paintMs);
  const filter = measured.map(({ filterMs }) => median([...filterMs]));
  const slowest = measured.map(({ filterMs }) => Math.max(...filterMs));
  const heap = measured.map(({ heapAtEnd }) => heapAtEnd / 1_000_000);
  const lines = table(
    ['', 'ms', 'MB'],
    [
      ['first row', spread(paint, 0), ''],
      ['keystroke to paint, median', spread(filter, 0), ''],
      ['keystroke to paint, slowest', spread(slowest, 0), ''],
      ['heap after the filters', '', spread(heap, 1)],
    ],
  );
  for (const line of lines) out(line);
  if (!small) {
    const kept = {
      at: new Date().toISOString(),
      rooms: count,
      paintMs: median(paint),
      filterMs: median(filter),
    };
    await appendFile(HISTORY, `${JSON.stringify({ ...kept, heapMb: median(heap) })}\n`);
  }
  const ratio = median(measured.map(({ heapAtEnd, heapAfterFirst }) => heapAtEnd / heapAfterFirst));
  return { ratio, limit: LIMIT, checks: [] };
};

async function look(address: string, count: number): Promise<Round> {
  const browser = await launchChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    page.setDefaultTimeout(60_000);
    const begun = performance.now();
    await page.goto(address);
    await page.getByRole('link', { name: 'room-1', exact: true }).waitFor();
    const paintMs = performance.now() - begun;
    await page.getByText(`${count} devices`, { exact: true }).waitFor();
    const filterMs: number[] = [];
    let heapAfterFirst = 0;
    for (let at = 0; at < FILTERS; at += 1) {
      filterMs.push(await typed(page, at % 2 === 0 ? `room-${at + 1}` : ''));
      if (at === 9) heapAfterFirst = await heapOf(page);
    }
    return { paintMs, filterMs, heapAfterFirst, heapAtEnd: await heapOf(page) };
  } finally {
    await browser.close();
  }
}

/** Types into the filter within the page, so that the way to the browser is not measured. */
function typed(page: Page, text: string): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const input = document.querySelector('input[type=search]');
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const begun = performance.now();
    input.value = ${JSON.stringify(text)};
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await frame();
    await frame();
    return performance.now() - begun;
  })()`);
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}
