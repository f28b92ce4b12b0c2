import { describe, expect, it } from 'vitest';
import { type FinesseStandInOptions } from '../../../src/simulator/cloud/finesse.ts';
import { readXml, type XmlElement } from '../../../src/simulator/xml-reader.ts';
import { finesse } from '../../support/finesse.ts';
import { finesseDocument, hasFinesseDocuments } from '../../support/finesse-documents.ts';
import { askFinesse } from './finesse-support.ts';

/** Every element by the path of its names, once. */
function pathsOf(text: string): string[] {
  const found = new Set<string>();
  const visit = (element: XmlElement, above: string): void => {
    const path = `${above}/${element.name}`;
    found.add(path);
    for (const child of element.children) visit(child, path);
  };
  visit(
    readXml(
      text
        .trim()
        .replace(/^<!--.*?-->/s, '')
        .trim(),
    ),
    '',
  );
  return [...found].toSorted();
}

/** The Update in a captured message, where it stands as text. */
function capturedUpdate(name: string): string {
  const message = readXml(finesseDocument(`pokornyIt/${name}.xml`).replace(/^<!--.*?-->\s*/s, ''));
  const deepest = (element: XmlElement): string => {
    const [child] = element.children;
    return child === undefined ? element.text : deepest(child);
  };
  return deepest(message);
}

const documented = (name: string): string => finesseDocument(`typed-from-docs/${name}.xml`);

const queues: FinesseStandInOptions['queues'] = [{ id: '10', name: 'AV Help', userIds: ['2001'] }];

describe.skipIf(!hasFinesseDocuments)('the stand-in for Finesse', () => {
  it('answers with the elements, and nested, as they are documented', async () => {
    const standIn = await finesse({ queues, settings: { deployment: 'UCCE' } });
    const cases: [string, string, string][] = [
      ['/SystemInfo', 'GET_SystemInfo.200', '2001:one'],
      ['/User/2001', 'GET_User.200', '2001:one'],
      ['/Team/500', 'GET_Team.200', '2050:super'],
      ['/Queue/10', 'GET_Queue.200', '2001:one'],
    ];
    for (const [path, document, login] of cases) {
      const { text } = await askFinesse(standIn, 'GET', path, { login });
      expect([path, pathsOf(text)]).toEqual([path, pathsOf(documented(document))]);
    }
  });

  it('shows team messages as they are documented', async () => {
    const standIn = await finesse();
    const body =
      '<TeamMessage><duration>60</duration><content>x</content><teams><team>500</team></teams></TeamMessage>';
    const login = '2050:super';
    expect((await askFinesse(standIn, 'POST', '/TeamMessage', { login, body })).status).toBe(200);
    const { text } = await askFinesse(standIn, 'GET', '/Team/500/TeamMessages', { login });
    const documentedPaths = pathsOf(documented('GET_TeamMessage.200')).map((path) => `/TeamMessages${path}`);
    expect(pathsOf(text)).toEqual(['/TeamMessages', ...documentedPaths]);
  });

  it('refuses in the words and elements that are documented', async () => {
    const standIn = await finesse();
    const body = '<User><state>NOT_READY</state></User>';
    const reason = await askFinesse(standIn, 'PUT', '/User/2002', { login: '2002:two', body });
    expect(reason.text).toBe(documented('ApiErrors.400-reasoncode').trim());
    const login = await askFinesse(standIn, 'GET', '/User/2002', { login: '2002:wrong' });
    expect(pathsOf(login.text)).toEqual(pathsOf(documented('ApiErrors.401')));
    standIn.failover(true);
    const out = await askFinesse(standIn, 'GET', '/User/2002', { login: '2002:two' });
    expect(out.text).toBe(documented('ApiErrors.503').trim());
  });

  it('would notify of users as it was captured', async () => {
    const standIn = await finesse();
    const login = '2050:super';
    const put = (fields: string): Promise<unknown> =>
      askFinesse(standIn, 'PUT', '/User/2050', { login, body: `<User>${fields}</User>` });
    await put('<state>READY</state>');
    await expect.poll(() => standIn.notifications.length).toBe(1);
    await put('<state>LOGOUT</state>');
    await expect.poll(() => standIn.notifications.length).toBe(2);
    await put('<state>LOGIN</state><extension>5050</extension>');
    await expect.poll(() => standIn.notifications.length).toBe(3);
    const notified = standIn.notifications.map(pathsOf);
    expect(notified).toEqual(['ready', 'logout', 'login'].map((name) => pathsOf(capturedUpdate(name))));
  });

  it('would notify of errors as they were captured', async () => {
    const standIn = await finesse({ settings: { extensions: [] } });
    const login = '2003:three';
    const body = '<User><state>READY</state></User>';
    await askFinesse(standIn, 'PUT', '/User/2003', { login, body });
    await expect.poll(() => standIn.notifications.length).toBe(1);
    const captured = capturedUpdate('error-invalid-state');
    expect(pathsOf(standIn.notifications[0] ?? '')).toEqual(pathsOf(captured));
    expect(standIn.notifications[0]?.replace('2003', '6021')).toBe(
      captured.replaceAll(/>\s+</g, '><').trim(),
    );
  });
});
