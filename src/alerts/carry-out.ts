import type { Compilable } from 'kysely';
import { unreachable } from '../lib/errors.ts';
import type { NewId } from '../lib/random.ts';
import type { Message } from '../notify/notifier.ts';
import { type Alert, type AlertChange, slotOf, wordsOf } from './alert.ts';
import type { Decision } from './decide.ts';
import { droppedMessage, openedMessage, resolvedMessage } from './message.ts';
import type { AlertStore } from './store.ts';

/** An alert as it is to be, the step that made it so, and who hears of it. */
export interface Outcome {
  readonly alert: Alert;
  readonly change: AlertChange | null;
  readonly tell: { readonly to: readonly string[]; readonly message: Message } | null;
}

/** What decisions make of the alerts; several about one build upon one another. */
export function outcomesOf(
  decisions: readonly Decision[],
  alerts: ReadonlyMap<string, Alert>,
  how: { now: number; newId: NewId },
): Outcome[] {
  const latest = new Map(alerts);
  return decisions.map((decision) => {
    const standing = decision.do === 'open' ? undefined : latest.get(slotOf(decision.alert));
    const outcome = outcomeOf(
      decision.do === 'open' || standing === undefined ? decision : { ...decision, alert: standing },
      how,
    );
    latest.set(slotOf(outcome.alert), outcome.alert);
    return outcome;
  });
}

function outcomeOf(decision: Decision, { now, newId }: { now: number; newId: NewId }): Outcome {
  switch (decision.do) {
    case 'open':
      return opened(decision, now, newId());
    case 'tell': {
      const { alert, notify, why } = decision;
      const toldTo = [...new Set([...alert.toldTo, ...notify])];
      const told: Alert = { ...alert, toldAt: now, toldTo, silenced: null };
      return {
        alert: told,
        change: step(now, 'told', why),
        tell: { to: toldTo, message: openedMessage(told, why) },
      };
    }
    case 'silence': {
      const { alert, silenced } = decision;
      const change = silenced === null ? step(now, 'unsilenced', null) : step(now, 'silenced', silenced);
      return { alert: { ...alert, silenced }, change, tell: null };
    }
    case 'reword': {
      const { alert, finding, severity } = decision;
      const isNews = severity !== alert.severity;
      return {
        alert: { ...alert, ...wordsOf(finding), severity },
        change: isNews ? step(now, 'changed', `it is ${severity} now`) : null,
        tell: null,
      };
    }
    case 'resolve':
      return resolved(decision, now);
    default:
      return unreachable(decision);
  }
}

type Open = Extract<Decision, { do: 'open' }>;
type Resolve = Extract<Decision, { do: 'resolve' }>;

function opened(
  { rule, severity, finding, silenced, notify, toldBy }: Open,
  now: number,
  id: string,
): Outcome {
  const isTold = toldBy === null ? silenced === null : toldBy.toldAt !== null;
  const alert: Alert = {
    id,
    rule,
    ...wordsOf(finding),
    severity,
    state: 'open',
    openedAt: now,
    toldAt: isTold ? now : null,
    toldTo: isTold ? (toldBy?.toldTo ?? notify) : [],
    silenced,
    acknowledgedAt: null,
    acknowledgedBy: null,
    comment: null,
    resolvedAt: null,
    resolution: null,
    conversation: toldBy?.conversation ?? id,
  };
  const detail = toldBy === null ? silenced : `part of: ${toldBy.title}`;
  const tell = isTold && toldBy === null ? { to: notify, message: openedMessage(alert) } : null;
  return { alert, change: step(now, 'opened', detail), tell };
}

/** Who was told of the beginning is told of the end, whatever is silenced by then. */
function resolved({ alert, why, stillOff }: Resolve, now: number): Outcome {
  const over: Alert = { ...alert, state: 'resolved', resolvedAt: now, resolution: why, silenced: null };
  const message = why === OVER ? resolvedMessage(over, stillOff) : droppedMessage(over, why);
  return {
    alert: over,
    change: step(now, 'resolved', why),
    tell: alert.toldAt === null ? null : { to: alert.toldTo, message },
  };
}

const OVER = 'it is over';

function step(at: number, change: AlertChange['change'], detail: string | null): AlertChange {
  return { at, change, actor: 'roomd', detail };
}

/** The statements that record outcomes and put their messages into the outbox; a notifier that is gone hears nothing. */
export function statementsOf(
  outcomes: readonly Outcome[],
  {
    store,
    notifiers,
    enqueue,
  }: {
    store: AlertStore;
    notifiers: ReadonlySet<string>;
    enqueue: (notifier: string, message: Message) => readonly Compilable[];
  },
): Compilable[] {
  return outcomes.flatMap(({ alert, change, tell }) => [
    ...store.save(alert, change),
    ...(tell?.to ?? [])
      .filter((name) => notifiers.has(name))
      .flatMap((name) => (tell === null ? [] : enqueue(name, tell.message))),
  ]);
}
