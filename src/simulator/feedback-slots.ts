import type { DeviceCore } from './device-core.ts';
import { parseExpression, type Token } from './node-path.ts';

/** One of the four registrations of HttpFeedback. */
export interface FeedbackSlot {
  readonly slot: number;
  readonly url: string;
  readonly format: 'XML' | 'JSON';
  readonly expressions: readonly string[];
  readonly queries: readonly (readonly Token[])[];
  status: 'OK' | 'Failed';
}

/** The feedback slots and what `xStatus HttpFeedback` shows of them. */
export class FeedbackSlots {
  readonly #core: DeviceCore;
  readonly #slots = new Map<number, FeedbackSlot>();

  constructor(core: DeviceCore) {
    this.#core = core;
  }

  list(): FeedbackSlot[] {
    return [...this.#slots.values()].sort((a, b) => a.slot - b.slot);
  }

  get(slot: number): FeedbackSlot | null {
    return this.#slots.get(slot) ?? null;
  }

  /** Registers in place of whatever the slot held; the expression that is none comes back, null when all is well. */
  register(request: Pick<FeedbackSlot, 'slot' | 'url' | 'format' | 'expressions'>): string | null {
    const queries: Token[][] = [];
    for (const expression of request.expressions) {
      const query = parseExpression(expression);
      if (query === null || !TREES.includes(String(query[0]))) return expression;
      queries.push(query);
    }
    this.deregister(request.slot);
    this.#slots.set(request.slot, { ...request, queries, status: 'OK' });
    const at = `HttpFeedback[${request.slot}]`;
    request.expressions.forEach((text, index) =>
      this.#core.setStatus(`${at}.Expression[${index + 1}]`, text),
    );
    this.#core.setStatus(`${at}.Format`, request.format);
    this.#core.setStatus(`${at}.Status`, 'OK');
    this.#core.setStatus(`${at}.URL`, request.url);
    return null;
  }

  deregister(slot: number): boolean {
    const held = this.#slots.delete(slot);
    this.#tell(slot, 'OK');
    if (held) this.#core.removeStatus(`HttpFeedback[${slot}]`);
    return held;
  }

  /** Takes a failed slot up again; false where nothing is registered. */
  enable(slot: number): boolean {
    return this.#show(slot, 'OK');
  }

  /** The sender gave a post up. */
  fail(slot: number): void {
    this.#show(slot, 'Failed');
  }

  reboot(): void {
    for (const { slot } of this.list()) {
      if (this.#core.settings.slotsSurviveReboot) this.enable(slot);
      else this.deregister(slot);
    }
  }

  #show(slot: number, status: FeedbackSlot['status']): boolean {
    const held = this.#slots.get(slot);
    if (held === undefined) return false;
    held.status = status;
    this.#core.setStatus(`HttpFeedback[${slot}].Status`, status);
    this.#tell(slot, status);
    return true;
  }

  #tell(slot: number, status: FeedbackSlot['status']): void {
    if (!this.#core.settings.diagnosticsTellSlots) return;
    const at = `${MESSAGES}[${FIRST_MESSAGE + slot}]`;
    if (status === 'Failed') {
      this.#core.setStatus(`${at}.Level`, 'Warning');
      this.#core.setStatus(`${at}.Type`, 'HTTPFeedbackFailed');
    } else if (this.#core.status.get(`${at}.Type`) !== null) this.#core.removeStatus(at);
  }
}

/** `HTTPFeedbackFailed` is a type of `Diagnostics Message` (schemas); which id such a message has is not known. */
const MESSAGES = 'Diagnostics.Message';
const FIRST_MESSAGE = 100;

const TREES = ['status', 'configuration', 'event'];
