import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Problem, problemOf } from './api.ts';
import { type News, onNews } from './live.ts';
import { onUnauthenticated } from './session.ts';

/** What a page reads of the API: the last answer stays while another is asked for. */
export interface Loaded<Answer> {
  readonly data: Answer | null;
  /** Why the last reading failed; the data, where there are any, are then old. */
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

export interface LoadHow {
  /** Whether this event is a reason to read again; none is where absent. */
  readonly when?: (news: News) => boolean;
  /** Reads again after so long, whatever was heard. */
  readonly everyMs?: number;
  /** For readings that are asked for by a POST; their path alone does not name them. */
  readonly body?: object;
  /** News are a reason to read again no sooner than this after they come; a second where absent. */
  readonly apartMs?: number;
}

/** Readings of one thing follow each other at least so far apart. */
const APART_MS = 1_000;

/** Reads a path, and again as news come; null reads nothing. */
export function useLoaded<Answer>(
  asked: string | null,
  { when, everyMs, body, apartMs = APART_MS }: LoadHow = {},
): Loaded<Answer> {
  const path = asked === null || body === undefined ? asked : `${asked} ${JSON.stringify(body)}`;
  const [state, setState] = useState<{ path: string | null; data: Answer | null; problem: Problem | null }>({
    path: null,
    data: null,
    problem: null,
  });
  const [isLoading, setLoading] = useState(path !== null);
  const reloading = useRef<() => void>(() => undefined);
  const wants = useRef(when);
  wants.current = when;
  useEffect(() => {
    if (path === null || asked === null) return undefined;
    const gone = new AbortController();
    let next: ReturnType<typeof setTimeout> | undefined;
    let heard: ReturnType<typeof setTimeout> | undefined;
    let isBusy = false;
    let isWanted = false;
    let asking = new AbortController();
    const read = async (): Promise<void> => {
      if (isBusy) {
        isWanted = true;
        return;
      }
      isBusy = true;
      clearTimeout(next);
      setLoading(true);
      try {
        asking = new AbortController();
        const data = await ask<Answer>(asked, {
          signal: AbortSignal.any([gone.signal, asking.signal]),
          ...(body === undefined ? {} : { body }),
        });
        setState({ path, data, problem: null });
      } catch (error) {
        if (gone.signal.aborted) return;
        if (!asking.signal.aborted) {
          const problem = problemOf(error);
          if (problem.status === 401) onUnauthenticated();
          setState((before) => ({ path, data: before.path === path ? before.data : null, problem }));
        }
      }
      isBusy = false;
      setLoading(false);
      if (isWanted) soon();
      else if (everyMs !== undefined) next = setTimeout(() => void read(), everyMs);
      isWanted = false;
    };
    const soon = (): void => {
      heard ??= setTimeout(() => {
        heard = undefined;
        void read();
      }, apartMs);
    };
    const stop = onNews((news) => {
      if (news.device === '*' || wants.current?.(news) === true) soon();
      // What was asked through a line that went dead is answered by nobody.
      if (news.device === '*') asking.abort();
    });
    reloading.current = () => void read();
    void read();
    return () => {
      stop();
      clearTimeout(next);
      clearTimeout(heard);
      gone.abort();
    };
  }, [path, everyMs, apartMs]);
  const isThis = state.path === path;
  return {
    data: isThis ? state.data : null,
    problem: isThis ? state.problem : null,
    isLoading: isLoading || (!isThis && path !== null),
    reload: () => reloading.current(),
  };
}
