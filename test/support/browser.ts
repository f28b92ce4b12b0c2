import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { hasChromium, launchChromium } from './chromium.ts';

export { hasChromium };

export interface Tab {
  readonly page: Page;
  /** What the page said in the console as an error, and what it threw. */
  readonly errors: readonly string[];
  /** Every address outside the daemon that was asked for. */
  readonly elsewhere: readonly string[];
}

/** A real browser on the daemon's dashboard, closed when the test ends. */
export async function openTab(
  url: string,
  { path = '/', width = 1280, height = 900 }: { path?: string; width?: number; height?: number } = {},
): Promise<Tab> {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  const elsewhere: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  await page.goto(url + path);
  return { page, errors, elsewhere };
}

/** Signs in by a token, as a person who has one does. */
export async function signInByToken(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Use a token' }).click();
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** Nothing for WCAG 2.2 AA to find on the page as it stands, light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
    expect(found).toEqual([]);
  }
}
