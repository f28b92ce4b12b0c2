import { Agent, type Dispatcher, request } from 'undici';
import type { FinesseStandIn } from '../../../src/simulator/cloud/finesse.ts';

/** One request on a connection of its own; `login` is `USER:PASSWORD`. */
export async function askFinesse(
  standIn: FinesseStandIn,
  method: Dispatcher.HttpMethod,
  path: string,
  options: { login?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; text: string }> {
  const { login, body, headers } = options;
  const dispatcher = new Agent({ connect: { ca: standIn.certificate ?? '' } });
  const basic = Buffer.from(login ?? '').toString('base64');
  try {
    const answer = await request(`${standIn.url}/finesse/api${path}`, {
      method,
      dispatcher,
      headers: { ...(login === undefined ? {} : { authorization: `Basic ${basic}` }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  } finally {
    await dispatcher.close();
  }
}
