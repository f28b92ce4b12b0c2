// Takes the pictures of the dashboard in docs/images: npm run build && node scripts/screenshots.mjs
// Needs Chromium (ROOMD_CHROMIUM, /usr/bin/chromium where nothing is said). scripts/office.mjs is what they show.
import { mkdirSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { openOffice } from './office.mjs';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const MOST_BYTES = 150_000;

const PICTURES = [
  { name: 'now', path: '/' },
  { name: 'devices', path: '/devices' },
  { name: 'device', path: '/devices/aurora' },
  { name: 'changes', path: '/changes' },
  { name: 'use', path: '/use?span=7d&days=mon-fri&hours=08%3A00-18%3A00', height: 700 },
  { name: 'macros', path: '/macros' },
  { name: 'alerts', path: '/alerts' },
  { name: 'audit', path: '/audit', height: 600 },
  { name: 'system', path: '/system' },
  { name: 'now-dark', path: '/', colorScheme: 'dark' },
  { name: 'now-phone', path: '/', width: 390, height: 844 },
];

const office = await openOffice();
const browser = await chromium.launch({
  executablePath: process.env.ROOMD_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--hide-scrollbars',
    '--disable-lcd-text',
  ],
});
try {
  mkdirSync(FOLDER, { recursive: true });
  for (const picture of PICTURES) await take(picture);
} finally {
  await browser.close();
  await office.stop();
}

async function take({ name, path, colorScheme = 'light', width = 1280, height = 800 }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
  });
  const page = await context.newPage();
  // "since" is told by the browser's clock, which has to be that of the office.
  await page.clock.install({ time: office.clock.now() });
  await page.goto(office.url + path);
  await page.getByText('Live', { exact: true }).waitFor();
  while ((await page.locator('.loading').count()) > 0) await setTimeout(50);
  const file = `${FOLDER}${name}.png`;
  await page.screenshot({ path: file });
  await context.close();
  const { size } = statSync(file);
  console.log(`${name}.png  ${Math.round(size / 1_000)} kB`);
  if (size > MOST_BYTES) throw new Error(`${name}.png is larger than ${MOST_BYTES / 1_000} kB`);
}
