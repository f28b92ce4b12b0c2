import { connect } from 'node:net';
import { presencePost } from '../../feedback/posts.ts';
import { post } from '../../feedback/receiver-client.ts';
import { pause, withEars } from './ears.ts';
import type { Fault } from './fault.ts';

const SERVED = 'the others are served meanwhile, and it is ended within five seconds';

export const NETWORK_FAULTS: readonly Fault[] = [
  slow('a hundred connections that say nothing after the headers', 100, null),
  slow('a peer that sends one byte a second', 1, 1_000),
];

/** @param everyMs a byte so often; null: none at all */
function slow(fault: string, connections: number, everyMs: number | null): Fault {
  return {
    fault,
    expected: SERVED,
    try: () =>
      withEars(async ({ port }) => {
        const head = `POST /feedback/token-2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 500\r\n\r\n`;
        const sockets = Array.from({ length: connections }, () => {
          const socket = connect(port, '127.0.0.1', () => socket.write(head));
          socket.on('error', () => undefined).resume();
          return socket;
        });
        const timer =
          everyMs === null
            ? null
            : setInterval(() => sockets.forEach((socket) => socket.write('<')), everyMs);
        await pause(200);
        const status = await post(port, '/feedback/token-1', presencePost('Yes'));
        await pause(4_500);
        if (timer !== null) clearInterval(timer);
        const left = sockets.filter((socket) => !socket.closed && !socket.destroyed).length;
        for (const socket of sockets) socket.destroy();
        return status === 200 && left === 0
          ? SERVED
          : `HTTP ${status} meanwhile, ${left} of ${connections} still open`;
      }),
  };
}
