import { XapiError } from '../../xapi/errors.ts';
import { check, ok, type Verdict, wrong } from './check.ts';

export const websocketCheck = check({
  name: 'websocket',
  needs: ['http'],
  look: ({ link }, options) => link.upgradeWithoutLogin(options),
  judge: judgeUpgrade,
  failed: (error) =>
    wrong(
      `the upgrade broke off: ${error.message}`,
      'see what stands between here and the device: a proxy may not let websockets through',
    ),
});

/** What the answer to an upgrade without a login means: 401 and 403 ask for one, 502 is booting, 503 too many, all else off (pyxows). */
function judgeUpgrade(status: number): Verdict {
  if (status === 101 || status === 401 || status === 403)
    return ok(status === 101 ? 'it is on' : `it is on and asks for a login (HTTP ${status})`);
  if (status === 502 || status === 504)
    return wrong(`the device is starting (HTTP ${status})`, 'try again in a minute or two');
  if (status === 503)
    return wrong(
      'it takes no more connections now (HTTP 503)',
      'see what else keeps websockets to it; try again later',
    );
  if (status >= 300 && status < 400)
    return ok(`it sends to a sign-in page (HTTP ${status}): it asks for a login`);
  return wrong(
    `it is off (HTTP ${status})`,
    'write NetworkServices.Websocket: FollowHTTPService in the file; until then roomd reads over HTTPS on a timer',
  );
}

export const sessionCheck = check({
  name: 'session',
  needs: ['websocket', 'login'],
  async look({ link }, options) {
    const socket = await link.socket(options);
    const asked = { deadlineMs: 10_000, ...options };
    const reply = await socket.ask('xGet', { Path: ['Status', 'SystemUnit', 'Uptime'] }, asked);
    await socket.close();
    return reply.error === undefined;
  },
  judge: (answers) =>
    answers
      ? ok('a websocket opens with the login and answers')
      : wrong('a websocket opens, and a read over it fails', RESTART),
  failed: (error) =>
    error instanceof XapiError && error.code === 'login-refused'
      ? wrong(
          `the websocket refuses the login that HTTPS takes (HTTP ${String(error.details['status'])})`,
          'see on the device whether this account may use the API',
        )
      : wrong(error.message, RESTART),
});

const RESTART = 'try again, then restart the device; roomd reads over HTTPS meanwhile';
