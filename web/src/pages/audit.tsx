import { search } from '../route.ts';
import { Deeds } from './audit/deeds.tsx';
import { Filters } from './audit/filters.tsx';
import { Writes } from './audit/writes.tsx';

/** What was written to devices, and what people did besides; the filters stand in the address. */
export function Audit() {
  const isDeeds = search.value.get('what') === 'deeds';
  return (
    <>
      <h1>Audit</h1>
      <nav class="tabs" aria-label="What is on record">
        <a href={tabHref(null)} aria-current={isDeeds ? undefined : 'page'}>
          Writes to devices
        </a>
        <a href={tabHref('deeds')} aria-current={isDeeds ? 'page' : undefined}>
          What people did
        </a>
      </nav>
      <Filters hasPath={!isDeeds} />
      {isDeeds ? <Deeds /> : <Writes />}
    </>
  );
}

/** The other list of the same device, person and time. */
function tabHref(what: string | null): string {
  const parts = new URLSearchParams(search.value);
  for (const key of ['what', 'before', 'path', 'revision']) parts.delete(key);
  if (what !== null) parts.set('what', what);
  const text = parts.toString();
  return text === '' ? '/audit' : `/audit?${text}`;
}
