import { computed, signal } from '@preact/signals';

const address = signal(new URL(location.href));

/** `/devices/hall`. */
export const path = computed(() => address.value.pathname.replace(/\/+$/, '') || '/');

/** What stands behind `?`: a page's filters live there, so that an address can be kept and sent. */
export const search = computed(() => address.value.searchParams);

/** Goes to another page, or to the same one with other filters. */
export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  const wasAt = address.value.pathname;
  address.value = new URL(location.href);
  if (address.value.pathname !== wasAt) scrollTo(0, 0);
}

/** Changes filters in the address; null takes one out. */
export function setSearch(changes: Readonly<Record<string, string | null>>): void {
  const next = new URLSearchParams(search.value);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  go(text === '' ? path.value : `${path.value}?${text}`, { replace: true });
}

/** The part of the path after `/page/`; null where there is none. */
export function under(page: string): string | null {
  const prefix = `${page}/`;
  return path.value.startsWith(prefix) ? decodeURIComponent(path.value.slice(prefix.length)) : null;
}

/** Links of this site change the page without a new one being loaded. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    address.value = new URL(location.href);
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    const to = new URL(link.href, location.href);
    if (to.origin !== location.origin || /^\/(api|metrics|openapi)/.test(to.pathname)) return;
    if (to.hash !== '' && to.pathname === location.pathname) return;
    event.preventDefault();
    go(to.pathname + to.search);
  });
}
