import { describe, expect, it } from 'vitest';
import type { FinesseClient } from '../../../src/integrations/finesse/client.ts';
import type { DialogOutcome } from '../../../src/integrations/finesse/dialogs.ts';
import { clientOf, failureOf, finesse, IMPATIENT } from '../../support/finesse.ts';

/** A call from 2002 to a room, which answers. */
async function callToRoom(client: FinesseClient): Promise<string> {
  const { id } = await client.makeCall({ extension: '5002', toAddress: 'boardroom3' });
  return id;
}

function statesIn(outcome: DialogOutcome): string[] {
  if (outcome.outcome !== 'seen') throw new Error('the outcome was not seen');
  return outcome.dialog?.participants.map(({ mediaAddress, state }) => `${mediaAddress} ${state}`) ?? [];
}

describe('a call', () => {
  it('is made from the own extension, held, retrieved and dropped', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const made = await client.makeCall({ extension: '5002', toAddress: 'boardroom3' });
    expect(made).toMatchObject({ fromAddress: '5002', toAddress: 'boardroom3', mediaType: 'Voice' });
    expect(await client.user('2002')).toMatchObject({ state: 'TALKING' });
    const held = await client.act(made.id, { action: 'HOLD', extension: '5002' });
    expect(statesIn(held)).toEqual(['5002 HELD', 'boardroom3 ACTIVE']);
    expect(await client.user('2002')).toMatchObject({ state: 'HOLD' });
    const retrieved = await client.act(made.id, { action: 'RETRIEVE', extension: '5002' });
    expect(statesIn(retrieved)).toEqual(['5002 ACTIVE', 'boardroom3 ACTIVE']);
    expect((await client.dialog(made.id)).participants[0]?.actions).toContain('HOLD');
    const dropped = await client.act(made.id, { action: 'DROP', extension: '5002' });
    expect(dropped).toEqual({ outcome: 'seen', dialog: null });
    expect(standIn.calls).toEqual([]);
    expect(await client.user('2002')).toMatchObject({ state: 'READY' });
  });

  it('from a room rings at an agent, who answers', async () => {
    const standIn = await finesse();
    standIn.callIn('boardroom3', '5002');
    const client = clientOf(standIn, '2002');
    const [ringing] = await client.dialogs('2002');
    expect(ringing).toMatchObject({ state: 'ALERTING', fromAddress: 'boardroom3' });
    const answered = await client.act(ringing?.id ?? '', { action: 'ANSWER', extension: '5002' });
    expect(statesIn(answered)).toEqual(['boardroom3 ACTIVE', '5002 ACTIVE']);
    expect(await client.user('2002')).toMatchObject({ state: 'TALKING' });
  });

  it('is transferred in one step', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const id = await callToRoom(client);
    await client.act(id, { action: 'TRANSFER_SST', extension: '5002', toAddress: '5001' });
    expect(standIn.calls[0]?.legs.map(({ address, state }) => `${address} ${state}`)).toEqual([
      'boardroom3 ACTIVE',
      '5001 ALERTING',
    ]);
    expect(await client.user('2002')).toMatchObject({ state: 'READY' });
  });

  it('is joined with a consult call into a conference', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const id = await callToRoom(client);
    const consult = await client.act(id, { action: 'CONSULT_CALL', extension: '5002', toAddress: '7000' });
    expect(consult).toMatchObject({ dialog: { toAddress: '7000', associatedDialogId: id } });
    const joined = await client.act(id, { action: 'CONFERENCE', extension: '5002' });
    expect(statesIn(joined)).toEqual(['5002 ACTIVE', 'boardroom3 ACTIVE', '7000 ACTIVE']);
    expect(standIn.calls).toHaveLength(1);
  });

  it('is handed over after a consult call', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const id = await callToRoom(client);
    await client.act(id, { action: 'CONSULT_CALL', extension: '5002', toAddress: '7000' });
    await client.act(id, { action: 'TRANSFER', extension: '5002' });
    expect(standIn.calls.map(({ legs }) => legs.map(({ address }) => address))).toEqual([
      ['boardroom3', '7000'],
    ]);
    expect(await client.dialogs('2002')).toEqual([]);
  });

  it('gets tones and a recording, of which REST shows nothing', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const id = await callToRoom(client);
    const tones = await client.act(id, { action: 'SEND_DTMF', extension: '5002', digits: '12#' });
    const recording = await client.act(id, { action: 'START_RECORDING', extension: '5002' });
    expect([tones, recording]).toEqual([{ outcome: 'unknowable' }, { outcome: 'unknowable' }]);
    await expect.poll(() => standIn.calls[0]).toMatchObject({ tones: ['12#'], isRecorded: true });
  });

  it('is not recorded by Unified CCE', async () => {
    const standIn = await finesse({ settings: { deployment: 'UCCE' } });
    const client = clientOf(standIn, '2002');
    const id = await callToRoom(client);
    const failure = await failureOf(client.act(id, { action: 'START_RECORDING', extension: '5002' }));
    expect(failure).toMatchObject({ code: 'unsupported', status: 501 });
    await client.act(id, { action: 'DROP', extension: '5002' });
    const user = await client.user('2002');
    expect(user).toMatchObject({ state: 'NOT_READY', reasonCode: { code: '50006' } });
  });

  it('fails where the other is busy, and says so', async () => {
    const standIn = await finesse();
    await callToRoom(clientOf(standIn, '2002'));
    const client = clientOf(standIn, '2050');
    const failure = await failureOf(client.makeCall({ extension: '5050', toAddress: '5002' }));
    expect(failure.code).toBe('call-failed');
    expect(failure.message).toBe('the call from 5050 to 5002 failed: BUSY');
  });

  it('is not made from the extension of somebody else', async () => {
    const standIn = await finesse();
    const client = clientOf(standIn, '2002');
    const failure = await failureOf(client.makeCall({ extension: '5001', toAddress: 'boardroom3' }));
    expect(failure).toMatchObject({ code: 'invalid', apiErrors: [{ errorType: 'Invalid Input' }] });
    expect(standIn.calls).toEqual([]);
  });

  it('that is in no state for an action shows no outcome', async () => {
    const standIn = await finesse({ settings: { outsideAnswers: false } });
    const id = await callToRoom(clientOf(standIn, '2002'));
    const client = clientOf(standIn, '2002', IMPATIENT);
    const failure = await failureOf(client.act(id, { action: 'HOLD', extension: '5002' }));
    expect(failure.code).toBe('no-outcome');
    expect(failure.message).toContain(
      `accepted HOLD of dialog ${id}, and after 0.3 s 5002 is INITIATED in it`,
    );
  });
});
