import {
  dropOldSlotToken,
  ensureSlotTokens,
  proveSlotToken,
  randomToken,
  readSlotTokens,
  replaceSlotToken,
  type SlotToken,
} from '../feedback/slot-token.ts';
import type { DeviceToken } from '../feedback/token-book.ts';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';

export interface SlotTokensOptions {
  /** Tokens older than this are replaced by themselves; null: never. */
  readonly lifeMs: () => number | null;
  /** Devices on which roomd may register slots now. */
  readonly eligible: () => readonly number[];
  /** A device's token was replaced: its slot is to be looked at. */
  readonly onReplaced: (deviceId: number) => void;
  /** A device was seen to use its new token: what was posted in between may be lost. */
  readonly onProven: (deviceId: number) => void;
  /** Which tokens are accepted changed. */
  readonly onChanged: (accepted: readonly DeviceToken[]) => void;
  readonly tickMs?: number;
  /** A token that is no longer in use is accepted so long still, for posts that are on their way or tried again. */
  readonly graceMs?: number;
}

/** No more than this part of the devices get another token at a tick. */
const AT_A_TICK = 0.02;

/**
 * The tokens in the URLs that devices post to. One is replaced without a gap:
 * both are accepted until a post or a look at the slot proves that the device
 * uses the new one, and a little longer. One that is never proven leaves the
 * old one valid. All of it is on the disk before it counts.
 */
export class SlotTokens implements Part {
  readonly name = 'slot tokens';
  readonly #options: SlotTokensOptions;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #tokens: ReadonlyMap<number, SlotToken> = new Map();
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  /** Changes go one after another. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #proving = new Set<number>();

  constructor(
    options: SlotTokensOptions,
    { database, clock, logger }: { database: Database; clock: Clock; logger: Logger },
  ) {
    this.#options = options;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#loop = this.#follow(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the slot tokens stop'));
    await this.#loop;
    await this.#work;
  }

  of(deviceId: number): SlotToken | null {
    return this.#tokens.get(deviceId) ?? null;
  }

  /** Takes over which devices there are; each has its token afterwards. */
  async adopt(deviceIds: readonly number[]): Promise<void> {
    const modules = { clock: this.#clock, newToken: randomToken };
    this.#tokens = await ensureSlotTokens(this.#database, deviceIds, modules);
    this.#tell();
  }

  /** Gives the device another token. @returns false while an earlier change is not through */
  replace(deviceId: number, actor: string): Promise<boolean> {
    return this.#change(async () => {
      const known = this.#tokens.get(deviceId);
      if (known === undefined || known.oldToken !== null) return false;
      const modules = { clock: this.#clock, newToken: randomToken };
      await replaceSlotToken(this.#database, { deviceId, actor }, modules);
      await this.#read();
      this.#options.onReplaced(deviceId);
      return true;
    });
  }

  /** A post came with this token. */
  posted(deviceId: number, token: string): void {
    if (this.#tokens.get(deviceId)?.token === token) this.proven(deviceId, 'post');
  }

  /** The device was seen to use its present token. */
  proven(deviceId: number, by: 'post' | 'look'): void {
    const known = this.#tokens.get(deviceId);
    if (known === undefined || known.oldToken === null || known.provenAt !== null) return;
    if (this.#proving.has(deviceId)) return;
    this.#proving.add(deviceId);
    this.#change(async () => {
      await proveSlotToken(this.#database, { deviceId, by }, this.#clock.now());
      await this.#read();
      this.#options.onProven(deviceId);
    })
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#proving.delete(deviceId));
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.tickMs ?? 30_000, this.#clock, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#tick().catch((error: unknown) => this.#failed(error));
    }
  }

  async #tick(): Promise<void> {
    const now = this.#clock.now();
    const { lifeMs, eligible, graceMs = 60_000 } = this.#options;
    for (const deviceId of tokensToDrop(this.#tokens, { now, graceMs }))
      await this.#change(async () => {
        await dropOldSlotToken(this.#database, deviceId, now);
        await this.#read();
      });
    const life = lifeMs();
    if (life === null) return;
    const may = new Set(eligible());
    const due = [...this.#tokens].filter(
      ([id, { oldToken, since }]) => may.has(id) && oldToken === null && now - since >= life,
    );
    for (const [id] of due.slice(0, Math.ceil(this.#tokens.size * AT_A_TICK)))
      await this.replace(id, 'token-life');
  }

  async #read(): Promise<void> {
    const all = await readSlotTokens(this.#database);
    this.#tokens = new Map(
      [...this.#tokens.keys()].flatMap((id) => {
        const token = all.get(id);
        return token === undefined ? [] : [[id, token] as const];
      }),
    );
    this.#tell();
  }

  #tell(): void {
    this.#options.onChanged(
      [...this.#tokens].flatMap(([deviceId, { token, oldToken }]) => [
        { deviceId, token },
        ...(oldToken === null ? [] : [{ deviceId, token: oldToken }]),
      ]),
    );
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#work.then(work, work);
    this.#work = next.catch(() => undefined);
    return next;
  }

  #failed(error: unknown): void {
    this.#logger.error({ error: messageOf(error) }, 'a slot token could not be changed');
  }
}

/** Devices whose token before the last is no longer needed. */
export function tokensToDrop(
  tokens: ReadonlyMap<number, SlotToken>,
  { now, graceMs }: { readonly now: number; readonly graceMs: number },
): number[] {
  return [...tokens].flatMap(([id, { oldToken, provenAt }]) =>
    oldToken !== null && provenAt !== null && now - provenAt >= graceMs ? [id] : [],
  );
}
