import type {
  Now as NowAnswer,
  RoomInTrouble,
  RoomInUse,
  ShownRoomAlert,
  ShownStanding,
} from '../../../src/actions/now.ts';
import { useLoaded } from '../loaded.ts';
import { Fold, Rooms } from '../parts/fold.tsx';
import { type Group, grouped } from '../parts/groups.ts';
import { Words } from '../parts/sentence.tsx';
import { Badge, DeviceLink, Empty, Figure, Shown, Since, toneOf } from '../parts/shown.tsx';
import { tagText } from '../parts/words.ts';
import { clock } from '../time.ts';

/** The fleet at a glance, five minutes before the hour: what is wrong, where, since when, and what roomd does about it. */
export function Now() {
  const now = useLoaded<NowAnswer>('/now', { when: () => true, everyMs: 30_000 });
  return (
    <>
      <h1>Now</h1>
      <Shown of={now}>{(data) => <Glance data={data} />}</Shown>
    </>
  );
}

function Glance({ data }: { data: NowAnswer }) {
  const { counts, wrong, inUse, fleetAlerts, standing } = data;
  return (
    <>
      {standing.map((what) => (
        <Stands key={what.title} standing={what} />
      ))}
      <div class="figures">
        <Figure
          value={counts.wrong}
          word={counts.wrong === 1 ? 'room in trouble' : 'rooms in trouble'}
          tone={counts.wrong === 0 ? 'good' : 'bad'}
        />
        <Figure
          value={counts.soonInTrouble}
          word={`of ${counts.soon} booked now or soon in trouble`}
          tone={counts.soonInTrouble === 0 ? 'good' : 'bad'}
        />
        <Figure value={counts.inUse} word="in use" />
        <Figure value={counts.unknown} word="nobody knows" tone={counts.unknown === 0 ? 'calm' : 'warn'} />
        <Figure value={counts.devices} word="rooms in all" href="/devices" />
        {counts.maintenance > 0 && <Figure value={counts.maintenance} word="in maintenance" tone="info" />}
      </div>
      <section aria-labelledby="wrong">
        <h2 id="wrong">What is wrong</h2>
        {fleetAlerts.map((alert) => (
          <FleetAlert key={alert.id} alert={alert} />
        ))}
        {wrong.length === 0 && fleetAlerts.length === 0 ? (
          <Empty>
            {counts.devices === 0
              ? 'The fleet file names no device yet.'
              : 'Nothing. Every room answers and is as it should be.'}
          </Empty>
        ) : (
          <ul class="cards">
            {alike(wrong).map(({ key, first, items }) =>
              items.length < MANY ? (
                items.map((room) => <Trouble key={room.device} room={room} />)
              ) : (
                <Shared key={key} first={first} rooms={items} />
              ),
            )}
          </ul>
        )}
      </section>
      <section aria-labelledby="in-use">
        <h2 id="in-use">Rooms in use</h2>
        {inUse.length === 0 ? (
          <Empty>No room is in use, as far as roomd knows.</Empty>
        ) : (
          <InUse rooms={inUse} />
        )}
      </section>
    </>
  );
}

/** Where a person learns more, and can act. */
const PAGE: Readonly<Record<ShownStanding['what'], string>> = {
  file: '/system',
  hold: '/system',
  part: '/system',
  pending: '/changes',
};

function Stands({ standing: { what, severity, title, since, doing } }: { standing: ShownStanding }) {
  return (
    <div class={`notice ${toneOf(severity)}`}>
      <span>
        <strong>{title}</strong> <Since at={since} before="for " />
        {doing !== null && (
          <span class="doing">
            roomd <Words>{doing}</Words>.
          </span>
        )}
      </span>
      <a href={PAGE[what]}>Look</a>
    </div>
  );
}

function FleetAlert({ alert }: { alert: ShownRoomAlert }) {
  return (
    <div class={`notice ${toneOf(alert.severity)}`}>
      <span>
        <strong>{alert.title}</strong> <Since at={alert.openedAt} before="for " />.{' '}
        <Words>{alert.remedy}</Words>
      </span>
      <a href={`/alerts?alert=${alert.id}`}>Look</a>
    </div>
  );
}

/** From so many rooms on, one and the same trouble is told once. */
const MANY = 3;

/** Rooms with the same to say of them, in the order in which the first of each stands; one that is about to be used stands alone. */
function alike(wrong: readonly RoomInTrouble[]): Group<RoomInTrouble>[] {
  const groups = grouped(wrong, ({ device, troubles, alerts, booking }) =>
    booking === null && alerts.length === 0 && troubles.every(({ alert }) => alert === null)
      ? troubles.map(({ title, doing, severity }) => [title, doing, severity])
      : device,
  );
  return groups.sort((one, other) => wrong.indexOf(one.first) - wrong.indexOf(other.first));
}

function Shared({ first, rooms }: { first: RoomInTrouble; rooms: readonly RoomInTrouble[] }) {
  return (
    <li class={`card ${toneOf(first.severity)}`}>
      <div class="title">
        <strong>{rooms.length} rooms</strong>
      </div>
      {first.troubles.map(({ title, doing, severity }) => (
        <div key={title} class="trouble">
          <Badge tone={toneOf(severity)}>{title}</Badge>
          <span class="doing">roomd {doing}.</span>
        </div>
      ))}
      <Fold head="Which rooms">{() => <Rooms rooms={rooms.map(({ device }) => ({ name: device }))} />}</Fold>
    </li>
  );
}

function Trouble({ room }: { room: RoomInTrouble }) {
  const { device, tags, severity, troubles, alerts, booking } = room;
  return (
    <li class={`card ${toneOf(severity)}`}>
      <div class="title">
        <DeviceLink name={device} />
        <span class="tags">{tagText(tags)}</span>
        {booking !== null && (
          <Badge tone="bad">
            booked {clock(booking.start)}–{clock(booking.end)}
          </Badge>
        )}
      </div>
      {troubles.map(({ title, since, doing, severity, alert }) => (
        <div key={title} class="trouble">
          <Badge tone={toneOf(severity)}>{title}</Badge> <Since at={since} before="for " />
          <span class="doing">roomd {doing}.</span>
          {alert !== null && <Alerted alert={alert} />}
        </div>
      ))}
      {alerts.map((alert) => (
        <div key={alert.id} class="trouble">
          <Badge tone={toneOf(alert.severity)}>{alert.title}</Badge>{' '}
          <Since at={alert.openedAt} before="for " />
          <Alerted alert={alert} />
        </div>
      ))}
    </li>
  );
}

/** What a person can do, and who already does. */
function Alerted({ alert: { id, remedy, acknowledgedBy, silenced } }: { alert: ShownRoomAlert }) {
  return (
    <span class="doing">
      <Words>{remedy}</Words> <a href={`/alerts?alert=${id}`}>Alert</a>
      {acknowledgedBy !== null && <strong> · {acknowledgedBy} looks after it</strong>}
      {silenced !== null && <span> · nobody is told: {silenced}</span>}
    </span>
  );
}

function InUse({ rooms }: { rooms: readonly RoomInUse[] }) {
  return (
    <ul class="tiles">
      {rooms.map(({ device, tags, count, inCall, since, booking, presence }) => (
        <li key={device} class="tile">
          <DeviceLink name={device} />
          <span class="tags">{tagText(tags)}</span>
          <span>
            {count !== null
              ? `${count} ${count === 1 ? 'person' : 'people'}`
              : presence === 'yes'
                ? 'occupied'
                : 'not seen'}
            {inCall === true && ', in a call'} <Since at={since} before="for " />
          </span>
          {booking !== null && <span class="hint">booked until {clock(booking.end)}</span>}
        </li>
      ))}
    </ul>
  );
}
