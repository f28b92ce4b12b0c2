import { useState } from 'preact/hooks';
import type { AcknowledgedAlerts, AlertList, ShownAlert } from '../../../../src/actions/alerts.ts';
import { ask } from '../../api.ts';
import { Act } from '../../parts/confirm.tsx';
import { DeviceLink, Since } from '../../parts/shown.tsx';
import { mayOperate } from '../../session.ts';

const FEW = 3;

/** What an alert is about: a room, or a site with its rooms. */
export function About({ alert: { about, devices } }: { alert: ShownAlert }) {
  const [first, ...others] = devices;
  if (first === about && others.length === 0) return <DeviceLink name={about} />;
  return (
    <>
      <strong>{about}</strong>
      {devices.length > 0 && ': '}
      {devices.slice(0, FEW).map((name, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <DeviceLink name={name} />
        </span>
      ))}
      {devices.length > FEW && ` and ${devices.length - FEW} more`}
    </>
  );
}

/** Who was told of it, and who was not and why. */
export function Told({
  alert: { toldTo, toldAt, silenced, resolvedAt },
  undelivered,
}: {
  alert: ShownAlert;
  undelivered: AlertList['items'][number]['undelivered'];
}) {
  const reached = toldTo.filter((name) => undelivered.every(({ notifier }) => notifier !== name));
  return (
    <div class="told">
      {silenced !== null && resolvedAt === null && <p>Nobody is told now: {silenced}.</p>}
      {reached.length > 0 && (
        <p class="hint">
          Told: {reached.join(', ')} <Since at={toldAt} before="· " />
          {toldAt !== null && ' ago'}
        </p>
      )}
      {undelivered.map(({ notifier, state, reason }) => (
        <p key={notifier} class="not-told">
          <strong>{notifier}</strong> {state === 'failed' ? 'was not told' : 'is not told yet'}
          {reason !== null && `: ${reason}`}
        </p>
      ))}
      {toldTo.length === 0 && undelivered.length === 0 && silenced === null && (
        <p class="hint">Nobody was told: the file names no notifier for it.</p>
      )}
    </div>
  );
}

/** Who looks after it; who may, says so here. */
export function Care({ alert, reload }: { alert: ShownAlert; reload: () => void }) {
  const { acknowledgedBy, acknowledgedAt, comment, resolvedAt } = alert;
  return (
    <>
      {acknowledgedBy !== null && (
        <p>
          <strong>{acknowledgedBy}</strong> looks{resolvedAt === null ? '' : 'ed'} after it
          <Since at={acknowledgedAt} before=" for " />
          {comment !== null && (
            <>
              : <q>{comment}</q>
            </>
          )}
        </p>
      )}
      {mayOperate.value && resolvedAt === null && <LookAfter alert={alert} reload={reload} />}
    </>
  );
}

function LookAfter({
  alert: { id, title, about, acknowledgedBy },
  reload,
}: {
  alert: ShownAlert;
  reload: () => void;
}) {
  const [comment, setComment] = useState('');
  return (
    <p class="buttons">
      <Act
        label={acknowledgedBy === null ? 'Look after it …' : 'Take it over …'}
        title={`Look after “${title}” (${about})?`}
        yes="I look after it"
        act={async () => {
          await ask<AcknowledgedAlerts>(`/alerts/${id}/ack`, {
            body: { comment: comment.trim() === '' ? null : comment.trim() },
          });
          return 'It is on record that you look after it; those who were told of it hear of that.';
        }}
        onDone={reload}
      >
        <label>
          What you do about it
          <textarea
            rows={3}
            maxLength={500}
            value={comment}
            placeholder="The cable is on its way"
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
      </Act>
    </p>
  );
}
