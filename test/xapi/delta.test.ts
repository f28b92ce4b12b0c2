import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/lib/xml/reader.ts';
import { applyDelta, deltaFromXml, deltasFromJson } from '../../src/xapi/delta.ts';

const fromXml = (text: string) => deltaFromXml(readXml(text).root);

describe('applying a delta', () => {
  it('sets leaves and removes what is gone with all below it', () => {
    const held = new Map([
      ['Call[8].Status', 'Connected'],
      ['Call[8].Media.Rate', '1'],
      ['Call[80].Status', 'Connected'],
      ['Audio.Volume', '50'],
    ]);
    applyDelta(held, { leaves: new Map([['Audio.Volume', '40']]), gone: ['Call[8]'] });
    expect([...held]).toEqual([
      ['Call[80].Status', 'Connected'],
      ['Audio.Volume', '40'],
    ]);
  });
});

describe('a delta in an XML post', () => {
  it('leaves the Identification out', () => {
    const delta = fromXml(
      '<Status><Identification><SerialNumber>X</SerialNumber></Identification><RoomAnalytics item="1"><PeoplePresence>Yes</PeoplePresence></RoomAnalytics></Status>',
    );
    expect(delta).toMatchObject({ tree: 'Status', gone: [] });
    expect([...(delta?.leaves ?? [])]).toEqual([['RoomAnalytics[1].PeoplePresence', 'Yes']]);
  });

  it('drops the index that event nodes carry at every level', () => {
    const delta = fromXml(
      '<Event><UserInterface item="1"><Extensions item="1"><Panel item="1"><Clicked item="1"><PanelId item="1">help</PanelId></Clicked></Panel></Extensions></UserInterface></Event>',
    );
    expect([...(delta?.leaves ?? [])]).toEqual([['UserInterface.Extensions.Panel.Clicked.PanelId', 'help']]);
  });

  it('knows an event without arguments from an argument without text', () => {
    expect(fromXml('<Event><Bookings item="1"><Updated item="1"/></Bookings></Event>')?.bare).toEqual(
      new Map([['Bookings.Updated', '']]),
    );
    const call = fromXml('<Event><CallDisconnect><CauseString/><CallId>3</CallId></CallDisconnect></Event>');
    expect(call?.bare.size).toBe(0);
    expect([...(call?.leaves ?? [])]).toEqual([
      ['CallDisconnect.CauseString', ''],
      ['CallDisconnect.CallId', '3'],
    ]);
  });

  it('is none in any other document', () => {
    expect(fromXml('<Command/>')).toBeNull();
  });
});

describe('deltas in a JSON message', () => {
  it('are one for each tree, ghosts included', () => {
    const deltas = deltasFromJson({
      Id: 1,
      Status: { Call: [{ id: 8, ghost: 'True' }] },
      Configuration: { A: 1 },
    });
    expect(deltas.map(({ tree, gone, leaves }) => [tree, gone, [...leaves]])).toEqual([
      ['Status', ['Call[8]'], []],
      ['Configuration', [], [['A', '1']]],
    ]);
  });

  it('tell an event that carries a bare number, and one that carries nothing', () => {
    expect(deltasFromJson({ Event: { Standby: { SecondsToStandby: 30 } } })[0]?.bare).toEqual(
      new Map([['Standby.SecondsToStandby', '30']]),
    );
    expect(deltasFromJson({ Event: { Bookings: { id: 1, Updated: { id: 1 } } } })[0]?.bare).toEqual(
      new Map([['Bookings.Updated', '']]),
    );
  });

  it('unwrap the values of a feedback post and leave its Identification out', () => {
    const post = {
      Status: {
        Identification: { SerialNumber: { Value: 'X' } },
        RoomAnalytics: { PeopleCount: { Current: { Value: '2' } } },
      },
    };
    expect([...(deltasFromJson(post, { wrapped: true })[0]?.leaves ?? [])]).toEqual([
      ['RoomAnalytics.PeopleCount.Current', '2'],
    ]);
  });

  it.each([null, 3, 'x', [], {}, { Status: null }, { Status: { Call: [null, { id: null }] } }])(
    'are none in %j',
    (message) => {
      expect(deltasFromJson(message)).toEqual([]);
    },
  );
});
