import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import type { WriteLedger } from '../apply.ts';
import type { Change, Outcome } from '../change.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { Target } from '../plan.ts';
import { result } from '../proof.ts';
import { changePassphrase, hear, proves, type SecretPair, type Word } from './change-passphrase.ts';
import type { RotationHand, RotationLogins } from './hand.ts';
import type { Rotation, RotationDevice, RotationStep } from './rotation.ts';

export interface StepModules {
  readonly target: (name: string) => Target | null;
  /** Why nothing may be written to the device now, in a sentence; null: it may. */
  readonly forbids: (target: Target) => string | null;
  readonly logins: RotationLogins;
  readonly ledger: (deviceId: number, rotation: Rotation) => WriteLedger;
  readonly fingerprint: (secret: Secret) => string;
  readonly clock: Clock;
}

export interface StepHow {
  readonly modules: StepModules;
  /** Before a device that is off, held or protected is tried again. */
  readonly retryMs: number;
  /** False: find out which secret it accepts, and set none. */
  readonly maySet: boolean;
  readonly signal: AbortSignal;
}

/** A device that falls silent in the middle is asked again after these. */
const PROOF_WAITS_MS = [250, 1_000, 3_000];
/** A change whose answer is lost is made anew at most so often in one step. */
const MOST_CHANGES = 3;

const GONE: RotationStep = {
  state: 'left-out',
  reason: 'the file does not name it with this login any more',
};
const KEPT = 'it answered OK to the new passphrase and keeps the old one';

/**
 * Brings one device to the new secret and proves it, or finds out which of the
 * two it accepts. The old one is asked first whenever that is not known: a
 * device refuses it once at most, as it is never tried again after that, while
 * the new one could be refused once for each time that roomd is killed.
 */
export async function rotationStep(
  rotation: Rotation,
  device: RotationDevice,
  how: StepHow,
): Promise<RotationStep> {
  const { modules, maySet, signal } = how;
  const { logins } = modules;
  const target = modules.target(device.name);
  if (target === null || target.desired.credential !== rotation.credential) return GONE;
  const { old, next } = secretsOf(rotation, target.desired, modules);
  if (next === null)
    return later(
      how,
      `the file's next of ${rotation.credential} is not what this rotation sets: put it back`,
    );
  if ((await logins.standing(target.device, next)) === 'accepted') return accepted(how);
  if (old === null)
    return later(
      how,
      'the file no longer holds the passphrase that it accepts: put the old one back as password and the new one as next',
    );
  const forbidden = maySet ? modules.forbids(target) : null;
  if (forbidden !== null) return later(how, forbidden);
  return logins.inHand(
    target.device,
    (hand) => new Attempt({ rotation, device, target, pair: { old, next }, hand }, how).take(),
    { signal },
  );
}

interface Case {
  readonly rotation: Rotation;
  readonly device: RotationDevice;
  readonly target: Target;
  readonly pair: SecretPair;
  readonly hand: RotationHand;
}

/** One turn of a device that is in hand. */
class Attempt {
  readonly #case: Case;
  readonly #how: StepHow;
  /** It may have been told of the new secret. */
  #isDoubtful: boolean;

  constructor(given: Case, how: StepHow) {
    this.#case = given;
    this.#how = how;
    this.#isDoubtful = given.device.isDoubtful;
  }

  async take(): Promise<RotationStep> {
    const { hand, pair, target } = this.#case;
    const { logins } = this.#how.modules;
    if (this.#isDoubtful && (await logins.standing(target.device, pair.old)) === 'accepted')
      await hand.doubt(pair.old);
    for (let changes = 1; ; changes += 1) {
      const isDisproved = (await logins.standing(target.device, pair.next)) === 'refused';
      const change: { made: Made | null } = { made: null };
      const heard = await hear(
        hand,
        pair.old,
        async (session) => {
          if (!this.#how.maySet || (this.#isDoubtful && isDisproved)) return;
          change.made = await this.#change(session);
        },
        this.#how,
      );
      if (heard.heard === 'silent') return this.#later(heard.reason);
      if (heard.heard === 'refused') return this.#askNext(null);
      if (change.made === null) return this.#keepsOld();
      const step = await this.#settled(change.made);
      if (step !== null) return step;
      if (changes === MOST_CHANGES)
        return {
          state: 'failed',
          isDoubtful: false,
          reason: `${MOST_CHANGES} times no answer came: ${change.made.reason}`,
        };
    }
  }

  /** Intent on record, the guards once more, then the command. */
  async #change(session: Target['device']): Promise<Made | null> {
    const { hand, pair, rotation, target } = this.#case;
    const { forbids, ledger } = this.#how.modules;
    if (forbids(target) !== null) return null;
    const book = ledger(target.device.address.id, rotation);
    const change = changeOf(pair.next);
    await hand.doubt(pair.next);
    const ids = await book.intend([change]);
    this.#isDoubtful = true;
    await hand.doubt(pair.old);
    const word = await changePassphrase(session, pair, this.#how);
    return {
      word,
      reason: word.said === 'yes' ? KEPT : word.reason,
      settle: (outcome, detail) => book.settle(ids, [result(change, outcome, detail)]),
    };
  }

  /** Which secret the device accepts after a change; null: still the old one, as no answer and no change came. */
  async #settled(made: Made): Promise<RotationStep | null> {
    const { word, settle } = made;
    if (word.said === 'yes') return this.#proveNext(made);
    const old = await this.#proves(this.#case.pair.old);
    if (old.heard === 'refused') return this.#askNext(made);
    if (old.heard === 'silent') {
      await settle('failed', `not known whether it was changed: ${old.reason}`);
      return this.#later(old.reason);
    }
    if (word.said === 'no') {
      await settle('refused', word.reason);
      return { state: 'failed', isDoubtful: false, reason: word.reason };
    }
    await settle('differs', `no answer came and it keeps the old one: ${word.reason}`);
    return null;
  }

  async #proveNext({ settle }: Made): Promise<RotationStep> {
    const { hand, pair } = this.#case;
    const next = await this.#proves(pair.next);
    if (next.heard === 'accepted') {
      await hand.retire(pair.old);
      await settle('accepted', null);
      return accepted(this.#how);
    }
    const old = next.heard === 'silent' ? null : await this.#proves(pair.old);
    if (old?.heard === 'accepted') {
      await settle('differs', KEPT);
      return { state: 'failed', isDoubtful: false, reason: KEPT };
    }
    if (old?.heard === 'refused') {
      await settle('failed', 'it accepts neither the old passphrase nor the new one');
      return this.#neither();
    }
    const reason = old?.reason ?? next.reason;
    await settle('failed', `not proven: ${reason}`);
    return this.#later(reason);
  }

  /** The old one is refused: either an earlier change was made, or somebody else changed it. */
  async #askNext(made: Made | null): Promise<RotationStep> {
    const { hand, pair } = this.#case;
    const next = await this.#proves(pair.next);
    if (next.heard === 'accepted') {
      await hand.retire(pair.old);
      await made?.settle('accepted', null);
      return accepted(this.#how);
    }
    await made?.settle('failed', `not proven: ${next.reason}`);
    return next.heard === 'silent' ? this.#later(next.reason) : this.#neither();
  }

  /** It lets in with the old one, and nothing was sent. */
  #keepsOld(): RotationStep {
    const { modules, maySet } = this.#how;
    if (!maySet) return { state: 'pending', isDoubtful: false, reason: 'it accepts the old passphrase' };
    const forbidden = modules.forbids(this.#case.target);
    if (forbidden !== null) return { ...this.#later(forbidden), isDoubtful: false };
    return { state: 'failed', isDoubtful: false, reason: KEPT };
  }

  #proves(secret: Secret) {
    const { modules, signal } = this.#how;
    return proves(this.#case.hand, secret, { clock: modules.clock, waitsMs: PROOF_WAITS_MS, signal });
  }

  #later(reason: string): RotationStep {
    return { ...later(this.#how, reason), isDoubtful: this.#isDoubtful };
  }

  #neither(): RotationStep {
    const { desired } = this.#case.target;
    return {
      state: 'unknown',
      isDoubtful: false,
      nextAt: this.#how.modules.clock.now() + this.#how.retryMs,
      reason: `it accepts neither password nor next: set the passphrase of ${desired.username} on its web page to one of them, then run: roomd trust ${desired.name} --retry-login`,
    };
  }
}

/** A change on its way, and how to put its outcome on record. */
interface Made {
  readonly word: Word;
  readonly reason: string;
  readonly settle: (outcome: Outcome, detail: string | null) => Promise<void>;
}

/** Which of the file's secrets is the new one and which the old, whatever their places in the file; null: the file lacks it. */
function secretsOf(
  { nextFingerprint }: Rotation,
  { password, next }: DesiredDevice,
  { fingerprint }: Pick<StepModules, 'fingerprint'>,
): { old: Secret | null; next: Secret | null } {
  if (next !== undefined && fingerprint(next) === nextFingerprint) return { old: password, next };
  if (fingerprint(password) === nextFingerprint) return { old: next ?? null, next: password };
  return { old: null, next: null };
}

function changeOf(next: Secret): Change {
  return {
    kind: 'passphrase',
    path: 'UserManagement.User.Passphrase',
    from: String(next),
    to: String(next),
    wanted: next,
    unreadable: true,
    noticeable: false,
  };
}

function accepted({ modules }: StepHow): RotationStep {
  return { state: 'accepted', isDoubtful: false, reason: null, acceptedAt: modules.clock.now() };
}

function later({ modules, retryMs }: StepHow, reason: string): RotationStep {
  return { state: 'waiting', reason, nextAt: modules.clock.now() + retryMs };
}
