import pLimit from 'p-limit';
import { Client } from 'undici';
import { LOGIN } from '../login.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/**
 * The least that a change with proof can cost: per device one login, one read,
 * one write and one read back over one connection, the documents as text that
 * nobody looks at, but for the `<Success/>` of the write.
 */

interface Round {
  readonly devices: readonly { readonly port: number }[];
  readonly wanted: Readonly<Record<string, string>>;
  readonly atOnce: number;
}

answerParent({
  work: ({ devices, wanted, atOnce }: Round) =>
    spentOn(async () => {
      const limit = pLimit(atOnce);
      const body = putxml(wanted);
      await Promise.all(devices.map(({ port }) => limit(() => change(port, body))));
    }),
});

async function change(port: number, body: string): Promise<void> {
  const client = new Client(`https://127.0.0.1:${port}`, { connect: { rejectUnauthorized: false } });
  try {
    const authorization = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`;
    const login = await client.request({
      method: 'POST',
      path: '/xmlapi/session/begin',
      headers: { authorization },
    });
    await login.body.text();
    const cookie = String(login.headers['set-cookie']).split(';', 1)[0] ?? '';
    const read = async (): Promise<void> => {
      const answer = await client.request({ method: 'GET', path: '/configuration.xml', headers: { cookie } });
      await answer.body.text();
    };
    await read();
    const written = await client.request({
      method: 'POST',
      path: '/putxml',
      headers: { cookie, 'content-type': 'text/xml' },
      body,
    });
    if (!(await written.body.text()).includes('<Success/>')) throw new Error('the write was refused');
    await read();
  } finally {
    await client.close();
  }
}

/** The settings as nested elements; no two of them share a name on the way. */
function putxml(wanted: Readonly<Record<string, string>>): string {
  const settings = Object.entries(wanted).map(([path, value]) =>
    path.split('.').reduceRight((inside, word) => {
      const [, name = '', item] = /^(\w+)(?:\[(\d+)\])?$/.exec(word) ?? [];
      return `<${name}${item === undefined ? '' : ` item="${item}"`}>${inside}</${name}>`;
    }, value),
  );
  return `<Configuration>${settings.join('')}</Configuration>`;
}
