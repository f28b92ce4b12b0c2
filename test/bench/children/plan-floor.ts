import pLimit from 'p-limit';
import { SaxesParser } from 'saxes';
import { Client } from 'undici';
import { LOGIN } from '../login.ts';
import { spentOn } from '../spent.ts';
import { answerParent } from './parent.ts';

/**
 * The least that a look at a whole configuration can cost: per device one
 * login and one read over one connection, and the document through a sax
 * parser that nobody listens to, so that it builds nothing.
 */

interface Round {
  readonly devices: readonly { readonly port: number }[];
  readonly atOnce: number;
}

answerParent({
  work: ({ devices, atOnce }: Round) =>
    spentOn(async () => {
      const limit = pLimit(atOnce);
      await Promise.all(devices.map(({ port }) => limit(() => read(port))));
    }),
});

async function read(port: number): Promise<void> {
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
    const answer = await client.request({ method: 'GET', path: '/configuration.xml', headers: { cookie } });
    const parser = new SaxesParser();
    parser.write(await answer.body.text()).close();
    // Each round would leave a session behind, and a device has 30.
    const end = await client.request({ method: 'POST', path: '/xmlapi/session/end', headers: { cookie } });
    await end.body.text();
  } finally {
    await client.close();
  }
}
