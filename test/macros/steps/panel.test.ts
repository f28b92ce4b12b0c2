import { describe, expect, it } from 'vitest';
import { panel } from '../../../src/macros/steps/panel.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { runStep, stepRoom } from '../step-context.ts';

const LIGHTS = `<Extensions><Panel><Name>Lights</Name><Page><Row><Widget><WidgetId>dimmer</WidgetId><Type>Slider</Type></Widget></Row></Page></Panel></Extensions>`;

function room() {
  const here = stepRoom();
  here.device.state.command('UserInterface.Extensions.Panel.Save', { PanelId: 'lights' }, { body: LIGHTS });
  return here;
}

function problems(args: object): string[] {
  return problemsOf(sampleFleet({ macros: [{ name: 'm', devices: 'all', steps: [{ panel: args }] }] }));
}

describe('panel', () => {
  it('opens a panel and closes it', async () => {
    const here = room();
    expect(await runStep(panel, { open: 'lights' }, here)).toEqual({ result: 'opened the panel lights' });
    expect(here.device.state.content.openPanel).toBe('lights');
    expect(await runStep(panel, { close: true }, here)).toEqual({ result: 'closed the panel' });
    expect(here.device.state.content.openPanel).toBeNull();
  });

  it('fails where the device has no such panel', async () => {
    expect(await runStep(panel, { open: 'heating' }, room())).toMatchObject({ code: 'command-failed' });
  });

  it('sets what a widget shows', async () => {
    const here = room();
    const args = { set: { widget: 'dimmer', value: '{{tags.standup}}' } };
    expect(await runStep(panel, args, here)).toEqual({ result: 'the widget dimmer shows "true"' });
    expect(here.device.state.status('UserInterface.Extensions.Widget[1].WidgetId')).toBe('dimmer');
    expect(here.device.state.status('UserInterface.Extensions.Widget[1].Value')).toBe('true');
  });

  it('says one thing at a time', () => {
    expect(problems({ open: 'lights', page: 'p1' })).toEqual([]);
    expect(problems({ open: 'lights', close: true })).toEqual([
      'macros[0].steps[0].panel: say one of open, set and close.',
    ]);
    expect(problems({ page: 'p1', close: true })).toEqual([
      'macros[0].steps[0].panel.page: a page belongs to a panel that is opened: say which with open.',
    ]);
  });
});
