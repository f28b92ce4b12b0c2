import { elementsOf, type Probe, seen } from './probe.ts';

const UPTIME = '/getxml?location=/Status/SystemUnit/Uptime';
const HTML = /^\s*(?:<!doctype\s+html|<html)/i;

/** Over HTTPS; each reads, and no password but the right one is sent. */
export const HTTPS_PROBES: readonly Probe[] = [
  {
    name: 'not-logged-in',
    question: 'What answers a request without a login?',
    setting: 'notLoggedIn',
    async look({ link, signal }) {
      const { status, headers, body } = await link.anonymous(UPTIME, { signal });
      if (status === 401) return seen('HTTP 401', 'unauthorized');
      if (status >= 300 && status < 400)
        return seen(`HTTP ${status} to ${pathOf(headers['location'])}`, 'redirect');
      const isPage = status === 200 && HTML.test(body.subarray(0, 200).toString('utf8'));
      return isPage ? seen('HTTP 200 with a page', 'sign-in-page') : seen(`HTTP ${status}`);
    },
  },
  {
    name: 'session-cookies',
    question: 'Which cookies does a session have?',
    setting: 'sessionCookies',
    async look({ begun }) {
      const names = cookiesOf(begun.headers['set-cookie']).map(({ name }) => name);
      return seen(`HTTP ${begun.status}, ${names.join(', ') || 'none'}`, names.join(',') || null);
    },
  },
  {
    name: 'cookie-attributes',
    question: 'Which attributes do its cookies have?',
    setting: 'cookieAttributes',
    async look({ begun }) {
      const [first] = cookiesOf(begun.headers['set-cookie']);
      return first === undefined ? seen('no cookie') : seen(first.attributes || 'none', first.attributes);
    },
  },
  {
    name: 'keep-alive',
    question: 'Does a connection stay open between requests?',
    setting: 'keepsAlive',
    async look({ get }) {
      const { headers } = await get(UPTIME);
      const closes = /close/i.test(String(headers['connection'] ?? ''));
      return seen(closes ? 'Connection: close' : 'it stays open', !closes);
    },
  },
  {
    name: 'unknown-argument',
    question: 'What answers a command with an argument that it does not have?',
    setting: 'unknownArgument',
    async look({ put }) {
      const answer = await put(
        '<Command><Security><Session><List command="True"><Nonsense>1</Nonsense></List></Session></Security></Command>',
      );
      const text = answer.body.toString('utf8');
      if (/ParameterError/.test(text))
        return seen(`${elementsOf(answer)}, ParameterError`, 'parameter-error');
      const isEmpty = /<Command\s*\/>|<Command>\s*<\/Command>/.test(text);
      return seen(elementsOf(answer), isEmpty ? 'empty-command' : null);
    },
  },
  {
    name: 'unknown-command',
    question: 'What answers a command that does not exist?',
    setting: null,
    async look({ put }) {
      return seen(elementsOf(await put('<Command><Nonsense><Probe command="True"/></Nonsense></Command>')));
    },
  },
  {
    name: 'broken-document',
    question: 'What answers a document that is no XML?',
    setting: null,
    async look({ put }) {
      const { status } = await put('<Command><Security></Command>');
      return seen(`HTTP ${status}`);
    },
  },
  {
    name: 'unknown-location',
    question: 'What answers a location that does not exist, and an empty one?',
    setting: null,
    async look({ get }) {
      const unknown = elementsOf(await get('/getxml?location=/Status/Nonsense'));
      return seen(`${unknown}; empty: ${elementsOf(await get('/getxml?location='))}`);
    },
  },
  {
    name: 'hidden-settings',
    question: 'What does a setting show that is hidden?',
    setting: 'hiddenValue',
    async look({ get }) {
      const text = (await get('/configuration.xml')).body.toString('utf8');
      const masked = [...text.matchAll(/>(\*+)</g)];
      if (masked.length > 0)
        return seen(`${masked.length} settings show ${masked[0]?.[1]}`, masked[0]?.[1] ?? null);
      const empty = [
        ...text.matchAll(/<(?:Password|Passphrase|Secret|CommunityName|SharedSecret)\b[^>]*(?:\/>|><\/)/g),
      ];
      return empty.length > 0
        ? seen(`${empty.length} secrets show nothing`, '')
        : seen('no setting is hidden');
    },
  },
  {
    name: 'control-characters',
    question: 'Does the status hold control characters that XML forbids?',
    setting: 'malformedXmlControls',
    async look({ get }) {
      const text = (await get('/status.xml')).body.toString('utf8');
      const count =
        text.split('').filter(isForbidden).length + [...text.matchAll(FORBIDDEN_REFERENCE)].length;
      return seen(`${count} of them`, count > 0);
    },
  },
  {
    name: 'documents',
    question: 'Which documents are there?',
    setting: null,
    async look({ get }) {
      const found: string[] = [];
      for (const name of ['command.xml', 'valuespace.xml', 'documentation.xml'])
        found.push(`${name} HTTP ${(await get(`/${name}`)).status}`);
      return seen(found.join(', '));
    },
  },
];

function cookiesOf(header: string | string[] | undefined): { name: string; attributes: string }[] {
  return [header ?? []].flat().map((line) => {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    return { name: pair.split('=', 1)[0] ?? '', attributes: attributes.join('; ') };
  });
}

function pathOf(location: string | string[] | undefined): string {
  const text = String(location ?? '');
  return URL.canParse(text, 'https://device')
    ? new URL(text, 'https://device').pathname
    : 'an address that cannot be read';
}

const FORBIDDEN_REFERENCE = /&#(?:x0*[0-8bce-f1]|0*[0-8]);/gi;

/** Characters that XML 1.0 section 2.2 leaves out below the space. */
function isForbidden(character: string): boolean {
  return character < ' ' && !'\t\n\r'.includes(character);
}
