import { describe, expect, it } from 'vitest';
import { childNamed, readAnswer } from '../../../src/integrations/finesse/document.ts';
import { apiErrorsOf } from '../../../src/integrations/finesse/response.ts';
import {
  readDialog,
  readQueue,
  readSystemInfo,
  readTeam,
  readTeamMessage,
  readUser,
} from '../../../src/integrations/finesse/schema.ts';
import type { XmlElement } from '../../../src/lib/xml/element.ts';
import { readXml } from '../../../src/lib/xml/reader.ts';
import { finesseDocument, hasFinesseDocuments } from '../../support/finesse-documents.ts';

function answer(text: string, root: string): XmlElement {
  return readAnswer(Buffer.from(text), root, 'the test');
}

/** The user in a captured notification, where the Update stands as text. */
function notifiedUser(name: string): XmlElement {
  const message = readXml(finesseDocument(`pokornyIt/${name}.xml`)).root;
  const update = readXml(textOfDeepest(message)).root;
  const data = childNamed(update, 'data');
  const user = data === null ? null : childNamed(data, 'User');
  if (user === null) throw new Error(`${name} has no user`);
  return user;
}

function textOfDeepest(element: XmlElement): string {
  const [child] = element.children;
  return child === undefined ? element.text : textOfDeepest(child);
}

function errorsIn(name: string): unknown {
  return apiErrorsOf(Buffer.from(finesseDocument(`typed-from-docs/${name}.xml`)));
}

describe.skipIf(!hasFinesseDocuments)('documents of Finesse', () => {
  it.each([
    ['login', 'NOT_READY', '2830', '2023-01-13T11:07:11.466Z'],
    ['ready', 'READY', '2830', '2023-01-13T11:14:47.981Z'],
    ['not-ready', 'NOT_READY', '2830', '2023-01-13T11:21:47.026Z'],
    ['logout', 'LOGOUT', null, '2023-01-13T10:46:22.083Z'],
  ])('hold a user, as captured after %s', (name, state, extension, time) => {
    expect(readUser(notifiedUser(name))).toEqual({
      id: '6021',
      loginName: 'lpu_test_21',
      firstName: 'LPU',
      lastName: 'Test 21',
      state,
      stateChangedAt: Date.parse(time),
      pendingState: null,
      reasonCodeId: null,
      reasonCode: null,
      extension,
      roles: ['Agent', 'Supervisor'],
      teamId: '5005',
      teamName: 'LPU_test',
      supervises: [{ id: '5005', name: 'LPU_test' }],
    });
  });

  it('hold users with the reason for their state, as documented', () => {
    const user = readUser(answer(finesseDocument('typed-from-docs/GET_User.200.xml'), 'User'));
    expect(user).toMatchObject({
      id: '2001',
      reasonCodeId: 16,
      reasonCode: { id: 16, code: '10', label: 'Team Meeting' },
    });
    const team = readTeam(answer(finesseDocument('typed-from-docs/GET_Team.200.xml'), 'Team'));
    expect(team).toMatchObject({ id: '500', name: 'AV Support' });
    expect(team.users.map(({ id, state, reasonCode }) => [id, state, reasonCode?.label])).toEqual([
      ['2001', 'NOT_READY', 'Team Meeting'],
      ['2002', 'READY', undefined],
    ]);
  });

  it('hold the system, a queue and a team message', () => {
    const info = answer(finesseDocument('typed-from-docs/GET_SystemInfo.200.xml'), 'SystemInfo');
    expect(readSystemInfo(info)).toEqual({
      status: 'IN_SERVICE',
      statusReason: null,
      deploymentType: 'UCCX',
      systemAuthMode: 'NON_SSO',
      nodes: ['finesse1.example.test', 'finesse2.example.test'],
      currentTimestamp: Date.parse('2026-01-05T09:00:00Z'),
    });
    const queue = readQueue(answer(finesseDocument('typed-from-docs/GET_Queue.200.xml'), 'Queue'));
    expect(queue).toMatchObject({
      id: '10',
      name: 'AV Help',
      statistics: { callsInQueue: 3, agentsReady: 1 },
    });
    expect(queue.startTimeOfLongestCallInQueue).toBe(Date.parse('2026-01-05T09:00:00Z'));
    const message = answer(finesseDocument('typed-from-docs/GET_TeamMessage.200.xml'), 'TeamMessage');
    expect(readTeamMessage(message)).toEqual({
      id: 'be1598bb-bb2a-4dfc-8c01-91ec10b029af',
      createdBy: '2050',
      createdAt: 1_767_603_600_000,
      durationSeconds: 100,
      content: 'Boardroom 3 needs help',
      teamIds: ['500'],
    });
  });

  it('hold errors, with data or without', () => {
    expect(errorsIn('ApiErrors.400-reasoncode')).toEqual([
      {
        errorType: 'Parameter Missing',
        errorMessage: 'finesse.api.reasoncode.require_reasoncode',
        errorData: 'reasonCodeId',
      },
    ]);
    expect(errorsIn('ApiErrors.503')).toEqual([
      { errorType: 'Service Unavailable', errorMessage: 'SERVER_OUT_OF_SERVICE', errorData: null },
    ]);
  });
});

describe('documents', () => {
  it('are read in any order, in either case, with a prefix that nobody declared', () => {
    const user = readUser(
      answer('<ns2:user><STATE>READY</STATE><ns2:LoginId> 7 </ns2:LoginId></ns2:user>', 'User'),
    );
    expect(user).toMatchObject({ id: '7', state: 'READY', extension: null, roles: [], stateChangedAt: null });
  });

  it('name a user, team or dialog by the uri where the id is left out', () => {
    const uri = '<uri>/finesse/api/User/1234/</uri>';
    expect(readUser(answer(`<User>${uri}</User>`, 'User'))).toMatchObject({ id: '1234', state: 'UNKNOWN' });
    const dialog = '<Dialog><uri>/finesse/api/Dialog/53149720</uri><participants/></Dialog>';
    expect(readDialog(answer(dialog, 'Dialog'))).toMatchObject({ id: '53149720', participants: [] });
  });

  it.each([
    ['<html><body>Sign in</body></html>', 'a document <html>, not <User>'],
    ['<!DOCTYPE html><html></html>', 'DOCTYPE'],
    ['<User><state>READY</sta', 'cannot be read'],
    ['', 'cannot be read'],
  ])('of another kind are refused: %s', (text, why) => {
    expect(() => answer(text, 'User')).toThrow(why);
  });
});
