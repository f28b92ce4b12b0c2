import { type DeviceCore, deviceTime } from './device-core.ts';

/** Something a person in the room sees, or saw until `until`. */
export interface ScreenItem {
  readonly kind: 'alert' | 'prompt' | 'text-line';
  readonly title: string;
  readonly text: string;
  readonly options: readonly { readonly id: number; readonly text: string }[];
  readonly feedbackId: string;
  readonly durationSeconds: number;
  readonly shownAt: string;
  until: string | null;
  ended: 'cleared' | 'timed out' | 'replaced' | 'answered' | 'rebooted' | null;
}

export type ScreenRequest = Pick<ScreenItem, 'kind' | 'title' | 'text' | 'durationSeconds'> &
  Partial<Pick<ScreenItem, 'options' | 'feedbackId'>>;

const HISTORY_LENGTH = 200;

/** What stands on the screen: at most one of each kind, a new one takes the place of the old. */
export class Screen {
  readonly #core: DeviceCore;
  readonly #shown = new Map<ScreenItem['kind'], { item: ScreenItem; callOff: (() => void) | null }>();
  /** Everything that was ever shown, oldest first. */
  readonly history: ScreenItem[] = [];

  constructor(core: DeviceCore) {
    this.#core = core;
  }

  /** What a person sees now. */
  now(): ScreenItem[] {
    return [...this.#shown.values()].map(({ item }) => item);
  }

  /** Shows; a duration of 0 stays until it is cleared. */
  show(request: ScreenRequest): void {
    this.#end(request.kind, 'replaced');
    const item: ScreenItem = {
      options: [],
      feedbackId: '',
      ...request,
      shownAt: deviceTime(this.#core.now()),
      until: null,
      ended: null,
    };
    const { durationSeconds, kind } = request;
    const callOff =
      durationSeconds > 0
        ? this.#core.after(durationSeconds * 1_000, () => this.#end(kind, 'timed out'))
        : null;
    this.#shown.set(kind, { item, callOff });
    this.history.push(item);
    if (this.history.length > HISTORY_LENGTH) this.history.shift();
  }

  /** Takes an alert, a prompt or a text line away; a prompt only where the id fits. */
  clear(kind: ScreenItem['kind'], feedbackId = ''): void {
    const shown = this.#shown.get(kind);
    if (shown === undefined || (feedbackId !== '' && shown.item.feedbackId !== feedbackId)) return;
    this.#end(kind, 'cleared');
    if (kind === 'prompt')
      this.#core.event('UserInterface.Message.Prompt.Cleared', { FeedbackId: shown.item.feedbackId });
    if (kind === 'alert') this.#core.event('UserInterface.Message.Alert.Cleared');
  }

  /** A person presses an option of the prompt; false where there is none such. */
  respond(optionId: number): boolean {
    const shown = this.#shown.get('prompt');
    if (shown === undefined || !shown.item.options.some(({ id }) => id === optionId)) return false;
    this.#end('prompt', 'answered');
    this.#core.event('UserInterface.Message.Prompt.Response', {
      FeedbackId: shown.item.feedbackId,
      OptionId: optionId,
    });
    return true;
  }

  reset(): void {
    for (const kind of this.#shown.keys()) this.#end(kind, 'rebooted');
  }

  #end(kind: ScreenItem['kind'], why: ScreenItem['ended']): void {
    const shown = this.#shown.get(kind);
    if (shown === undefined) return;
    shown.callOff?.();
    shown.item.until = deviceTime(this.#core.now());
    shown.item.ended = why;
    this.#shown.delete(kind);
  }
}
