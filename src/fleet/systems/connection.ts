import { z } from 'zod';
import { didYouMean } from '../../lib/suggest.ts';
import { readDuration, readHttpUrl, Wrong } from '../forms.ts';
import { form, words } from '../schema-forms.ts';

/** How a system is known: by an authority of this machine, by one from a PEM file, or not at all. */
export type SystemTls =
  | { readonly mode: 'ca'; readonly caFile: string | null }
  | { readonly mode: 'insecure' };

/** Where a system answers and how roomd gets there. */
export interface SystemConnection {
  /** Without a trailing slash. */
  readonly url: string;
  readonly tls: SystemTls;
  /** `http://HOST:PORT`; null: straight. */
  readonly proxy: string | null;
  /** For one request, its waits included. */
  readonly timeoutMs: number;
}

function readSystemTls(text: string): SystemTls | Wrong {
  if (text === 'ca') return { mode: 'ca', caFile: null };
  if (text === 'insecure') return { mode: 'insecure' };
  return new Wrong(
    `"${text}" is no way to trust a system: write ca, insecure or { ca: FILE }.${didYouMean(text, ['ca', 'insecure'])}`,
  );
}

function readProxy(text: string): string | Wrong {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    return new Wrong(`"${text}" is no proxy: write for example http://proxy.example.com:3128.`);
  return url.origin;
}

/** How a service is known, as the file has it. */
export const Tls = z
  .union(
    [
      form(readSystemTls, {
        description: 'ca: an authority of this machine vouches; insecure: anything is taken.',
        examples: ['insecure'],
      }),
      z
        .strictObject({
          ca: words({ description: 'A PEM file with the authority.', examples: ['certs/ca.pem'] }),
        })
        .transform(({ ca }): SystemTls => ({ mode: 'ca', caFile: ca })),
    ],
    { error: 'this is no way to trust a system: write ca, insecure or { ca: FILE }.' },
  )
  .meta({ description: 'How roomd knows the system.', default: 'ca' });

/** What every system's section has beside its `url`. */
export const connectionShape = {
  tls: Tls.optional(),
  proxy: form(readProxy, {
    description: 'A proxy that everything for this system goes through.',
    examples: ['http://proxy.example.com:3128'],
  }).optional(),
  timeout: form(readDuration, {
    description: 'How long one request may take; 30s where nothing is said.',
    examples: ['30s'],
  }).prefault('30s'),
};

/** Where a system answers. */
export function systemUrl(example: string) {
  return form(readHttpUrl, { description: 'Where the service answers.', examples: [example] });
}

/** Certificate files count from the fleet file. */
export function connectionOf(
  {
    url,
    tls = { mode: 'ca', caFile: null },
    proxy,
    timeout,
  }: {
    readonly url: string;
    readonly tls?: SystemTls | undefined;
    readonly proxy?: string | undefined;
    readonly timeout: number;
  },
  absolute: (file: string) => string,
): SystemConnection {
  const trusted: SystemTls =
    tls.mode === 'ca' && tls.caFile !== null ? { mode: 'ca', caFile: absolute(tls.caFile) } : tls;
  return { url, tls: trusted, proxy: proxy ?? null, timeoutMs: timeout };
}
