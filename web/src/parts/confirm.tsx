import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOf } from '../api.ts';

/**
 * A button that asks before it acts. The question names the room, the answer
 * stays until it is read.
 */
export function Act({
  label,
  title,
  children,
  yes,
  act,
  isGrave = false,
  isDisabled = false,
  isOffered = true,
  onDone,
}: {
  label: string;
  /** `Restart boardroom-1?` */
  title: string;
  /** What happens, and inputs where the verb takes some. */
  children?: ComponentChildren;
  yes: string;
  /** Resolves with what to tell. */
  act: () => Promise<string>;
  isGrave?: boolean;
  isDisabled?: boolean;
  /** False: there is no button, as the state is another; a question that is open, and its answer, stay. */
  isOffered?: boolean;
  onDone?: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const wasOpen = useRef(false);
  // The browser gives the focus back to the button; where that is gone, to the page, not to nothing.
  useEffect(() => {
    if (wasOpen.current && !isOpen && document.activeElement === document.body)
      document.querySelector('main')?.focus();
    wasOpen.current ||= isOpen;
  }, [isOpen, isOffered]);
  return (
    <>
      {isOffered && (
        <button
          type="button"
          class={isGrave ? 'grave' : ''}
          disabled={isDisabled}
          onClick={() => setOpen(true)}
        >
          {label}
        </button>
      )}
      {isOpen && (
        <Question
          title={title}
          yes={yes}
          act={act}
          isGrave={isGrave}
          onClose={(isDone) => {
            setOpen(false);
            if (isDone) onDone?.();
          }}
        >
          {children}
        </Question>
      )}
    </>
  );
}

type Course =
  | { readonly state: 'asked' }
  | { readonly state: 'acting' }
  | { readonly state: 'done'; readonly told: string }
  | { readonly state: 'failed'; readonly problem: Problem };

/** The word on the button that takes the question away. */
const CLOSING = { asked: 'Cancel', acting: 'Hide', done: 'Close', failed: 'Close' } as const;

interface Asked {
  readonly title: string;
  readonly yes: string;
  readonly children: ComponentChildren;
}

function Question({
  act,
  isGrave,
  onClose,
  ...current
}: Asked & {
  act: () => Promise<string>;
  isGrave: boolean;
  onClose: (isDone: boolean) => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [course, setCourse] = useState<Course>({ state: 'asked' });
  // The page goes on to follow what happens; what somebody said yes to stays as it was read.
  const asked = useRef<Asked>(current);
  if (course.state === 'asked' || course.state === 'failed') asked.current = current;
  const { title, yes, children } = asked.current;
  useEffect(() => dialog.current?.showModal(), []);
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    setCourse({ state: 'acting' });
    try {
      setCourse({ state: 'done', told: await act() });
    } catch (error) {
      setCourse({ state: 'failed', problem: problemOf(error) });
    }
  };
  const isDone = course.state === 'done';
  return (
    <dialog ref={dialog} aria-label={title} onClose={() => onClose(isDone)}>
      <form onSubmit={(event) => void run(event)}>
        <h2>{title}</h2>
        {!isDone && children}
        <div role="status" aria-live="polite">
          {course.state === 'acting' && <p>Working… It goes on, also when you hide this.</p>}
          {course.state === 'done' && <p>{course.told}</p>}
          {course.state === 'failed' && <p class="notice bad">{course.problem.message}</p>}
        </div>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {CLOSING[course.state]}
          </button>
          {!isDone && (
            <button type="submit" class={isGrave ? 'grave' : 'main'} disabled={course.state === 'acting'}>
              {yes}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
