import type { ShownDevice } from '../../../src/actions/shown-device.ts';
import type { News } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { Badge, Shown, Since } from '../parts/shown.tsx';
import { tagText } from '../parts/words.ts';
import { full } from '../time.ts';
import { Actions } from './device/actions.tsx';
import { OpenAlerts } from './device/alerts.tsx';
import { Configuration } from './device/configuration.tsx';
import { PresencePast } from './device/presence.tsx';
import { Slots } from './device/slots.tsx';
import { Timeline } from './device/timeline.tsx';
import { configurationText, Presence, SESSION_TONE } from './devices.tsx';

/** Whether an event is about a device. */
export function about(name: string): (news: News) => boolean {
  return ({ device }) => device === name;
}

/** One room: how it stands, what happens in it, what it was told to be, and what a person can have it do. */
export function Device({ name }: { name: string }) {
  const device = useLoaded<ShownDevice>(`/devices/${encodeURIComponent(name)}`, {
    when: about(name),
    everyMs: 30_000,
  });
  return (
    <>
      <p class="crumb">
        <a href="/devices">Devices</a>
      </p>
      <h1>{name}</h1>
      <Shown of={device}>
        {(data) => (
          <>
            <State device={data} />
            <Actions device={data} onDone={device.reload} />
            <OpenAlerts name={name} />
            <PresencePast name={name} />
            <Timeline name={name} />
            <Configuration device={data} />
            <Slots name={name} />
          </>
        )}
      </Shown>
    </>
  );
}

function State({ device }: { device: ShownDevice }) {
  const { session, product, software, serial, host, timezone, tags, standby, drift, configuration } = device;
  const { held, retired, maintenance, certificate, sensors, nextBooking } = device;
  return (
    <>
      {retired !== null && (
        <div class="notice">
          Retired since {full(retired.since)} by {retired.by}: machines leave it alone.
        </div>
      )}
      {maintenance !== null && (
        <div class="notice">
          In maintenance until {full(maintenance.until)}: {maintenance.reason}. Nobody is told of alerts.
        </div>
      )}
      {held !== null && <div class="notice warn">{held}</div>}
      <dl class="facts">
        <dt>Session</dt>
        <dd>
          <Badge tone={SESSION_TONE[session.word] ?? 'info'}>{session.word}</Badge>{' '}
          <Since at={session.since} before="for " />
          {session.reason !== null && <span class="doing">{session.reason}</span>}
        </dd>
        <dt>Room</dt>
        <dd>
          <Presence device={device} /> <Since at={device.presence.since} before="for " />
          {standby !== null && <span class="hint"> · {standby === 'Off' ? 'awake' : standby}</span>}
        </dd>
        {nextBooking !== null && (
          <>
            <dt>Booking</dt>
            <dd>
              {full(nextBooking.start)} to {full(nextBooking.end)}
            </dd>
          </>
        )}
        <dt>Configuration</dt>
        <dd>
          {configurationText(drift, configuration.state)}{' '}
          <Since at={configuration.checkedAt} before="looked at " />
          {configuration.checkedAt !== null && <span class="hint"> ago</span>}
          {(configuration.waiting ?? configuration.reason) !== null && (
            <span class="doing">{configuration.waiting ?? configuration.reason}</span>
          )}
        </dd>
        <dt>Unit</dt>
        <dd>
          {product ?? 'product not known'}, {software ?? 'software not known'}
          {serial !== null && `, serial ${serial}`}
        </dd>
        <dt>Address</dt>
        <dd>
          {host}, {timezone}
        </dd>
        {Object.keys(tags).length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>{tagText(tags)}</dd>
          </>
        )}
        {certificate !== null && (
          <>
            <dt>Certificate</dt>
            <dd>
              {certificate.daysLeft > 0 ? `${certificate.daysLeft} days left` : 'expired'}, until{' '}
              {full(certificate.validTo)}
            </dd>
          </>
        )}
        {sensors.length > 0 && (
          <>
            <dt>Sensors</dt>
            <dd>
              {sensors.map(({ sensor, source, value, unit }) => (
                <span key={`${source} ${sensor}`} class="sensor">
                  {sensor}: {value} {unit}
                </span>
              ))}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
