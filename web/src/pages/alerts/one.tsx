import type { ShownAlertDetails } from '../../../../src/actions/alerts.ts';
import { useLoaded } from '../../loaded.ts';
import { Heads } from '../../parts/heads.tsx';
import { Words } from '../../parts/sentence.tsx';
import { Badge, Empty, Shown, Since, toneOf } from '../../parts/shown.tsx';
import { Within } from '../../parts/within.tsx';
import { full } from '../../time.ts';
import { About, Care } from './parts.tsx';

/** One alert: how it stands, what became of it since it opened, and every message that was to tell of it. */
export function OneAlert({ id }: { id: string }) {
  const alert = useLoaded<ShownAlertDetails>(`/alerts/${encodeURIComponent(id)}`, {
    when: ({ kind }) => kind === 'alert',
    everyMs: 10_000,
  });
  return (
    <Within page="Alerts" href="/alerts" title={titleOf(alert.data)}>
      <Shown of={alert}>{(data) => <Standing alert={data} reload={alert.reload} />}</Shown>
    </Within>
  );
}

function titleOf(alert: ShownAlertDetails | null): string {
  if (alert === null) return 'An alert';
  return alert.state === 'resolved' ? alert.cleared : alert.title;
}

function Standing({ alert, reload }: { alert: ShownAlertDetails; reload: () => void }) {
  const { severity, state, detail, remedy, rule, openedAt, resolvedAt, resolution, silenced } = alert;
  return (
    <>
      <p>
        <Badge tone={state === 'resolved' ? 'good' : toneOf(severity)}>
          {state === 'resolved' ? 'over' : severity}
        </Badge>{' '}
        {detail}
      </p>
      {state !== 'resolved' && (
        <p class="doing">
          <Words>{remedy}</Words>
        </p>
      )}
      <dl class="facts">
        <dt>About</dt>
        <dd>
          <About alert={alert} />
        </dd>
        <dt>Rule</dt>
        <dd>
          <code>{rule}</code>
        </dd>
        <dt>Opened</dt>
        <dd>
          {full(openedAt)}
          {resolvedAt === null && <Since at={openedAt} before=", for " />}
        </dd>
        {resolvedAt !== null && (
          <>
            <dt>Over</dt>
            <dd>
              {full(resolvedAt)}
              {resolution !== null && `: ${resolution}`}
            </dd>
          </>
        )}
        {silenced !== null && resolvedAt === null && (
          <>
            <dt>Nobody is told</dt>
            <dd>{silenced}</dd>
          </>
        )}
      </dl>
      <Care alert={alert} reload={reload} />
      <History history={alert.history} />
      <Deliveries deliveries={alert.deliveries} />
    </>
  );
}

function History({ history }: Pick<ShownAlertDetails, 'history'>) {
  return (
    <section aria-labelledby="history">
      <h2 id="history">What became of it</h2>
      <ol class="steps">
        {history.map(({ at, change, actor, detail }) => (
          <li key={`${at} ${change}`}>
            <time dateTime={at}>{full(at)}</time> <strong>{change}</strong>
            {actor !== 'roomd' && ` by ${actor}`}
            {detail !== null && `: ${detail}`}
          </li>
        ))}
      </ol>
    </section>
  );
}

const DELIVERY_TONE = { delivered: 'good', waiting: 'warn', failed: 'bad' } as const;
const DELIVERY_WORD = { delivered: 'delivered', waiting: 'waits', failed: 'was refused' } as const;

function Deliveries({ deliveries }: Pick<ShownAlertDetails, 'deliveries'>) {
  return (
    <section aria-labelledby="messages">
      <h2 id="messages">Messages</h2>
      {deliveries.length === 0 ? (
        <Empty>None was sent, or they were sent long ago.</Empty>
      ) : (
        <table class="stack">
          <Heads of={['To', 'Stands', 'About', 'When', 'Tried', 'Last error']} />
          <tbody>
            {deliveries.map(({ notifier, state, subject, createdAt, deliveredAt, attempts, lastError }) => (
              <tr key={`${notifier} ${createdAt} ${subject}`}>
                <td>{notifier}</td>
                <td>
                  <Badge tone={DELIVERY_TONE[state]}>{DELIVERY_WORD[state]}</Badge>
                </td>
                <td>{subject}</td>
                <td>{full(deliveredAt ?? createdAt)}</td>
                <td>{attempts === 1 ? 'once' : `${attempts} times`}</td>
                <td>{lastError}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
