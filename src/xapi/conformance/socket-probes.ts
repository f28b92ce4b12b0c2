import { type Bench, formOf, type Probe, replyText, type Seen, seen } from './probe.ts';

const PING_MS = 3_000;
const MOST_SUBSCRIPTIONS = 60;

/** Over the websocket; subscriptions are the probe's own and are given back. */
export const SOCKET_PROBES: readonly Probe[] = [
  {
    name: 'websocket-refusal',
    question: 'What answers an upgrade without a login?',
    setting: 'socketRefusal',
    async look({ link, socket, signal }) {
      const status = await link.upgradeWithoutLogin({ signal });
      const isRefusal = socket !== null && (status === 401 || status === 403);
      return seen(`HTTP ${status}`, isRefusal ? status : null);
    },
  },
  {
    name: 'websocket-off',
    question: 'What answers an upgrade while the websocket is off?',
    setting: 'socketOffStatus',
    async look({ link, socket, signal }) {
      if (socket !== null) return seen('the websocket is on, so nothing can be seen');
      const status = await link.upgradeWithoutLogin({ signal });
      return seen(`HTTP ${status}`, status);
    },
  },
  over('pings', 'Does the device answer pings, and does it ping?', 'answersPings', async ({ socket }) => {
    const answers = (await socket?.answersPing(PING_MS)) ?? false;
    return seen(
      `${answers ? 'pongs come' : 'no pong within 3 s'}; pings of its own: ${socket?.pings ?? 0}`,
      answers,
    );
  }),
  over('subscriptions', 'How many subscriptions does one socket hold?', 'maxSubscriptions', subscriptions),
  over(
    'sessions',
    'Does a websocket count as one of the sessions?',
    'socketsCountAsSessions',
    countedSessions,
  ),
  over('absent-node', 'What answers a read of a node that is absent now?', 'absentNode', async ({ ask }) => {
    const reply = await ask('xGet', { Path: ['Status', 'Call'] });
    if (reply.error === null && reply.result !== null) return seen('a call is up, so nothing can be seen');
    return seen(replyText(reply), reply.error === null ? 'null' : 'error');
  }),
  over('unknown-path', 'What answers a read of a path that does not exist?', null, async ({ ask }) =>
    seen(replyText(await ask('xGet', { Path: ['Status', 'Nonsense'] }))),
  ),
  over('unknown-method', 'What answers a command that does not exist?', null, async ({ ask }) =>
    seen(replyText(await ask('xCommand/Nonsense/Probe', {}))),
  ),
  over('native-values', 'In which form do numbers come?', null, async ({ ask }) =>
    seen(formOf((await ask('xGet', { Path: ['Status', 'SystemUnit', 'Uptime'] })).result)),
  ),
  over('schema', 'Does xDoc tell of a node?', null, async ({ ask }) =>
    seen(replyText(await ask('xDoc', { Path: ['Status', 'SystemUnit', 'Uptime'], Type: 'Schema' }))),
  ),
  over('roles', 'How does the device tell the roles of an account?', 'rolesShape', async ({ ask, link }) => {
    const reply = await ask('xCommand/UserManagement/User/Get', { Username: link.address.username });
    const text = JSON.stringify(reply.result ?? null);
    if (reply.error !== null) return seen(replyText(reply));
    if (/"Roles":"/.test(text)) return seen('one text, Roles', 'text');
    return /"Role":\[/.test(text) ? seen('a list, Role', 'items') : seen(formOf(reply.result));
  }),
  over(
    'extensions-export',
    'In which form are UI extensions exported?',
    'extensionsExport',
    async ({ ask }) => {
      const reply = await ask('xCommand/UserInterface/Extensions/Export', {});
      if (reply.error !== null) return seen(replyText(reply));
      const isText = typeof field(reply.result, 'Data') === 'string';
      return seen(isText ? 'a text, Data' : formOf(reply.result), isText ? 'text' : 'tree');
    },
  ),
  over('authorities', 'What is the list of authorities called?', 'authorityList', async ({ ask }) => {
    const reply = await ask('xCommand/Security/Certificates/CA/Show', {});
    if (reply.error !== null) return seen(replyText(reply));
    const name = ['Details', 'Certificates'].find((word) => field(reply.result, word) !== undefined) ?? null;
    return name === null ? seen('it has none, or another name') : seen(name, name);
  }),
  over(
    'macros-off',
    'Can macros be read while Macros Mode is Off?',
    'macrosReadableWhileOff',
    async ({ ask }) => {
      const mode = await ask('xGet', { Path: ['Configuration', 'Macros', 'Mode'] });
      if (mode.result !== 'Off') return seen('Macros Mode is not Off, so nothing can be seen');
      const reply = await ask('xCommand/Macros/Macro/Get', {});
      return seen(reply.error === null ? 'they are told' : replyText(reply), reply.error === null);
    },
  ),
];

function over(
  name: string,
  question: string,
  setting: string | null,
  look: (bench: Bench) => Promise<Seen>,
): Probe {
  return {
    name,
    question,
    setting,
    look: async (bench) => (bench.socket === null ? seen('the device opens no websocket') : look(bench)),
  };
}

async function subscriptions({ ask }: Bench): Promise<Seen> {
  const ids: unknown[] = [];
  try {
    for (;;) {
      const reply = await ask('xFeedback/Subscribe', { Query: ['Status', 'SystemUnit', 'ProductId'] });
      if (reply.error !== null) return seen(`${ids.length}, then ${replyText(reply)}`, ids.length);
      ids.push(field(reply.result, 'Id'));
      if (ids.length >= MOST_SUBSCRIPTIONS) return seen(`${MOST_SUBSCRIPTIONS} and more`);
    }
  } finally {
    for (const id of ids) await ask('xFeedback/Unsubscribe', { Id: id }).catch(() => undefined);
  }
}

/** Of the websocket that is open now and of one more. */
async function countedSessions({ ask, link, signal }: Bench): Promise<Seen> {
  const count = async (): Promise<number | null> => {
    const { result, error } = await ask('xCommand/Security/Session/List', {});
    const list = field(result, 'Session');
    return error === null && Array.isArray(list) ? list.length : null;
  };
  const before = await count();
  const another = await link.socket({ signal });
  try {
    const after = await count();
    if (before === null || after === null) return seen('the device does not tell its sessions');
    return seen(`${before} sessions, with one more websocket ${after}`, after > before);
  } finally {
    await another.close();
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
