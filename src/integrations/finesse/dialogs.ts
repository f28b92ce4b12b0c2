import { unreachable } from '../../lib/errors.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { childrenNamed, fields, readAnswer } from './document.ts';
import { FinesseError } from './errors.ts';
import { type FinesseCallOptions, type FinesseLink, userPath } from './link.ts';
import { awaitOutcome, type Look } from './outcome.ts';
import { type Dialog, type Participant, readDialog } from './schema.ts';

/** What a participant of a dialog can be told to do; `extension` is the participant's own (targetMediaAddress). */
export type DialogAction = { readonly extension: string } & (
  | { readonly action: 'ANSWER' | 'HOLD' | 'RETRIEVE' | 'DROP' }
  /** A single-step transfer of the call, or a second call beside it. */
  | { readonly action: 'TRANSFER_SST' | 'CONSULT_CALL'; readonly toAddress: string }
  /** Ends a consult call by joining those on hold with those consulted, without or with oneself. */
  | { readonly action: 'TRANSFER' | 'CONFERENCE' }
  | { readonly action: 'SEND_DTMF'; readonly digits: string }
  /** Unified CCX only; `unsupported` elsewhere. Finesse has no action that ends a recording before the call. */
  | { readonly action: 'START_RECORDING' }
);

/** `seen`: the effect was read; `dialog` is null where it is that the dialog is gone. `unknowable`: REST does not show it. */
export type DialogOutcome =
  | { readonly outcome: 'seen'; readonly dialog: Dialog | null }
  | { readonly outcome: 'unknowable' };

export async function listDialogs(
  link: FinesseLink,
  userId: string,
  options: FinesseCallOptions,
): Promise<Dialog[]> {
  const path = userPath(userId, '/Dialogs');
  const { body } = await link.call({ method: 'GET', path }, options);
  return childrenNamed(readAnswer(body, 'Dialogs', `GET ${path}`), 'Dialog').map(readDialog);
}

export async function getDialog(
  link: FinesseLink,
  dialogId: string,
  options: FinesseCallOptions,
): Promise<Dialog> {
  const path = dialogPath(dialogId);
  const { body } = await link.call({ method: 'GET', path }, options);
  return readDialog(readAnswer(body, 'Dialog', `GET ${path}`));
}

export async function makeCall(
  link: FinesseLink,
  call: { extension: string; toAddress: string },
  options: FinesseCallOptions,
): Promise<Dialog> {
  const { extension, toAddress } = call;
  const before = idsOf(await listDialogs(link, link.userId, options));
  const body = fields('Dialog', { requestedAction: 'MAKE_CALL', fromAddress: extension, toAddress });
  await link.call({ method: 'POST', path: userPath(link.userId, '/Dialogs'), body }, options);
  const look = async (): Promise<Look<Dialog>> => {
    const made = newCall(await listDialogs(link, link.userId, options), before, extension);
    return made === null ? { instead: `there is no call from ${extension}` } : { effect: made };
  };
  return awaitOutcome(link, `a call from ${extension} to ${toAddress}`, look, options);
}

export async function actOnDialog(
  link: FinesseLink,
  dialogId: string,
  asked: DialogAction,
  options: FinesseCallOptions,
): Promise<DialogOutcome> {
  const before = isShown(asked) ? idsOf(await listDialogs(link, link.userId, options)) : null;
  await link.call({ method: 'PUT', path: dialogPath(dialogId), body: bodyOf(asked) }, options);
  if (before === null) return { outcome: 'unknowable' };
  const look = async (): Promise<Look<Dialog | null>> => {
    const dialogs = await listDialogs(link, link.userId, options);
    return effectOf(asked, dialogId, { before, dialogs });
  };
  const what = `${asked.action} of dialog ${dialogId}`;
  return { outcome: 'seen', dialog: await awaitOutcome(link, what, look, options) };
}

/** What a recording or a tone does is nowhere in a dialog (cloud facts 2.3). */
function isShown({ action }: DialogAction): boolean {
  return action !== 'SEND_DTMF' && action !== 'START_RECORDING';
}

/** Whether the user's dialogs show the effect of an action; pure. */
export function effectOf(
  asked: DialogAction,
  dialogId: string,
  { before, dialogs }: { before: ReadonlySet<string>; dialogs: readonly Dialog[] },
): Look<Dialog | null> {
  const dialog = dialogs.find(({ id }) => id === dialogId) ?? null;
  const own = participantOf(dialog, asked.extension);
  const instead = { instead: stateOf(dialog, dialogId, own) };
  switch (asked.action) {
    case 'ANSWER':
    case 'RETRIEVE':
      return own?.state === 'ACTIVE' ? { effect: dialog } : instead;
    case 'HOLD':
      return own?.state === 'HELD' ? { effect: dialog } : instead;
    case 'DROP':
    case 'TRANSFER':
    case 'TRANSFER_SST':
      return own === null || own.state === 'DROPPED' ? { effect: dialog } : instead;
    case 'CONSULT_CALL': {
      const made = newCall(dialogs, before, asked.extension);
      return made === null ? instead : { effect: made };
    }
    case 'CONFERENCE': {
      const joined = dialogs.find(({ participants }) => participants.filter(isPresent).length > 2);
      return joined === undefined ? instead : { effect: joined };
    }
    case 'SEND_DTMF':
    case 'START_RECORDING':
      return instead;
    default:
      return unreachable(asked);
  }
}

/**
 * The call from an extension that was not there before; whom it is to may be
 * written otherwise by then, as dial plans translate numbers.
 * @throws FinesseError `call-failed`
 */
function newCall(dialogs: readonly Dialog[], before: ReadonlySet<string>, extension: string): Dialog | null {
  const made = dialogs.find(({ id, fromAddress }) => !before.has(id) && fromAddress === extension);
  if (made?.state !== 'FAILED') return made ?? null;
  const cause = made.participants.find(({ stateCause }) => stateCause !== null)?.stateCause;
  const [to, why] = [made.toAddress ?? 'a number that is not told', cause ?? 'no cause is given'];
  throw new FinesseError('call-failed', `the call from ${extension} to ${to} failed: ${why}`);
}

function participantOf(dialog: Dialog | null, extension: string): Participant | null {
  return dialog?.participants.find(({ mediaAddress }) => mediaAddress === extension) ?? null;
}

function isPresent({ state }: Participant): boolean {
  return state !== 'DROPPED' && state !== 'FAILED';
}

function stateOf(dialog: Dialog | null, dialogId: string, own: Participant | null): string {
  if (dialog === null) return `dialog ${dialogId} is gone`;
  return own === null ? `dialog ${dialogId} is ${dialog.state}` : `${own.mediaAddress} is ${own.state} in it`;
}

function bodyOf(asked: DialogAction): XmlNode {
  const { action: requestedAction, extension: targetMediaAddress } = asked;
  const toAddress = 'toAddress' in asked ? asked.toAddress : undefined;
  const dialog = fields('Dialog', { requestedAction, targetMediaAddress, toAddress });
  if (asked.action !== 'SEND_DTMF') return dialog;
  const parameter = fields('ActionParam', { name: 'dtmfString', value: asked.digits });
  const parameters = { name: 'actionParams', children: [parameter] };
  return { ...dialog, children: [...(dialog.children ?? []), parameters] };
}

function idsOf(dialogs: readonly Dialog[]): Set<string> {
  return new Set(dialogs.map(({ id }) => id));
}

function dialogPath(dialogId: string): string {
  return `/Dialog/${encodeURIComponent(dialogId)}`;
}
