import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { ADA, BOT, clientOf, collect, failureOf, standInFor } from './world.ts';

const ada = { token: new Secret('ada-token') };

describe('the resources of Webex', () => {
  it('has people, whom an administrator writes and all may look up', async () => {
    const client = clientOf(await standInFor(), ada);
    const eve = await client.people.create({ emails: ['eve@example.com'], displayName: 'Eve' });
    expect(await collect(client.people.list({ email: 'eve@example.com' }))).toEqual([eve]);
    expect(await collect(client.people.list({ id: [eve.id, BOT.personId] }))).toHaveLength(2);
    expect((await client.people.update(eve.id, { displayName: 'Evelyn' })).displayName).toBe('Evelyn');
    expect(await collect(client.people.list({ displayName: 'evel' }))).toHaveLength(1);
    await client.people.delete(eve.id);
    expect((await failureOf(client.people.get(eve.id))).code).toBe('not-found');
    const bot = clientOf(await standInFor(), { token: new Secret('bot-token') });
    expect((await failureOf(bot.people.create({ emails: ['x@y'] }))).code).toBe('forbidden');
  });

  it('has organizations, which are only looked at', async () => {
    const { organizations } = clientOf(await standInFor(), ada);
    const [own] = await collect(organizations.list());
    expect(await organizations.get(own?.id ?? '')).toEqual(own);
    expect(Object.keys(organizations)).toEqual(['list', 'get']);
  });

  it('has teams with members and rooms, which go with them', async () => {
    const standIn = await standInFor();
    const client = clientOf(standIn, ada);
    const team = await client.teams.create({ name: 'Facilities' });
    expect((await client.teams.update(team.id, { name: 'Rooms' })).name).toBe('Rooms');
    const membership = await client.teamMemberships.create({ teamId: team.id, personId: BOT.personId });
    expect(await client.teamMemberships.update(membership.id, { isModerator: true })).toMatchObject({
      isModerator: true,
      personEmail: BOT.email,
    });
    expect(await collect(client.teamMemberships.list({ teamId: team.id }))).toHaveLength(2);
    const room = await client.rooms.create({ title: 'Oslo', teamId: team.id });
    expect(await collect(client.rooms.list({ teamId: team.id }))).toEqual([room]);
    await client.teamMemberships.delete(membership.id);
    expect((await failureOf(client.teamMemberships.get(membership.id))).code).toBe('not-found');
    await client.teams.delete(team.id);
    expect([standIn.teams, standIn.rooms, standIn.memberships, standIn.teamMemberships]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('has memberships of rooms, one for each person', async () => {
    const standIn = await standInFor();
    const client = clientOf(standIn, ada);
    const room = await client.rooms.create({ title: 'Oslo', description: 'Third floor', isLocked: true });
    const whom = { roomId: room.id, personEmail: 'bob@example.com' };
    const bob = await client.memberships.create({ ...whom, isModerator: true });
    expect((await failureOf(client.memberships.create(whom))).details).toMatchObject({ status: 409 });
    expect((await client.memberships.update(bob.id, { isModerator: false })).isModerator).toBe(false);
    expect(await client.memberships.get(bob.id)).toMatchObject({ roomId: room.id, isModerator: false });
    expect(await collect(client.memberships.list())).toMatchObject([{ personId: ADA.personId }]);
    await client.memberships.delete(bob.id);
    expect(standIn.memberships).toMatchObject([{ personId: ADA.personId }]);
    expect(await client.rooms.update(room.id, { title: 'Oslo 3' })).toMatchObject({
      title: 'Oslo 3',
      isLocked: true,
    });
    await client.rooms.delete(room.id);
    expect(standIn.rooms).toEqual([]);
  });

  it('has messages between two, with a file by its address, that are edited ten times at most', async () => {
    const standIn = await standInFor();
    const client = clientOf(standIn, ada);
    const file = { url: 'https://example.com/plan.png' };
    const posted = await client.messages.create({ toPersonEmail: 'bob@example.com', file });
    expect(await collect(client.messages.listDirect({ personEmail: 'bob@example.com' }))).toMatchObject([
      { id: posted.id, files: [file.url], roomType: 'direct' },
    ]);
    const target = { roomId: posted.roomId ?? '' };
    for (let edit = 0; edit < 10; edit += 1)
      await client.messages.edit(posted.id, { ...target, text: `${edit}` });
    expect((await failureOf(client.messages.edit(posted.id, { ...target, text: 'more' }))).code).toBe(
      'invalid',
    );
    const theirs = clientOf(standIn, { token: new Secret('bot-token') });
    expect((await failureOf(theirs.messages.delete(posted.id))).code).toBe('not-found');
  });

  it('refuses a card that no client would show', async () => {
    const standIn = await standInFor({ rooms: [{ id: 'ops', title: 'Ops' }] });
    const client = clientOf(standIn, ada);
    for (const card of [
      { type: 'AdaptiveCard', version: '1.6' },
      { type: 'Picture', version: '1.0' },
    ])
      expect((await failureOf(client.messages.create({ roomId: 'ops', text: 'x', card }))).code).toBe(
        'invalid',
      );
    const blank = client.messages.create({
      roomId: 'ops',
      text: ' ',
      card: { type: 'AdaptiveCard', version: '1.0' },
    });
    expect((await failureOf(blank)).code).toBe('invalid');
    const plain = await client.messages.create({ roomId: 'ops', text: 'no card' });
    const press = client.attachmentActions.create({ type: 'submit', messageId: plain.id, inputs: {} });
    expect((await failureOf(press)).code).toBe('invalid');
    expect(standIn.messages()).toHaveLength(1);
  });
});
