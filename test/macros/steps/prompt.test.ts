import { describe, expect, it } from 'vitest';
import { prompt } from '../../../src/macros/steps/prompt.ts';
import { problemsOf, sampleFleet } from '../sample-fleet.ts';
import { runStep, type StepRoom, stepRoom } from '../step-context.ts';

const ASK = { title: 'Booking', text: 'Still here, {{device.name}}?', options: ['Yes', 'No'], within: '30s' };
const NOBODY = { answered: false, choice: 0, answer: '', by: '' };

/** Runs it and does something once the prompt is on the screen. */
function ask(here: StepRoom, act: () => void, args: object = ASK) {
  let isDone = false;
  return runStep(prompt, args, here, {
    meanwhile: () => {
      if (isDone || here.device.state.screen.now().length === 0) return;
      isDone = true;
      act();
    },
  });
}

function problems(changes: object): string[] {
  return problemsOf(
    sampleFleet({ macros: [{ name: 'm', devices: 'all', steps: [{ prompt: { ...ASK, ...changes } }] }] }),
  );
}

describe('prompt that asks a space too', () => {
  it('asks the room alone where the space cannot be asked', async () => {
    const here = stepRoom();
    const outcome = await ask(here, () => here.device.state.screen.respond(1), { ...ASK, alsoAsk: 'ops' });
    expect(outcome).toMatchObject({ output: { answered: true, choice: 1, answer: 'Yes', by: '' } });
    expect(here.sent).toEqual(['log chore boardroom-1: ops could not be asked: nobody is there to ask']);
  });

  it('takes no answer from a space once the run is cancelled, and leaves no prompt', async () => {
    const here = stepRoom();
    const withdrawn: string[] = [];
    const ports = {
      ...here.context.ports,
      ask: (_name: string, _question: unknown, { signal }: { signal?: AbortSignal | undefined }) =>
        new Promise<never>((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            withdrawn.push((signal.reason as Error).message);
            reject(signal.reason as Error);
          });
        }),
    };
    let isDone = false;
    const outcome = await runStep(prompt, { ...ASK, alsoAsk: 'ops' }, here, {
      changes: { ports },
      meanwhile: () => {
        if (isDone || here.device.state.screen.now().length === 0) return;
        isDone = true;
        here.cancel.abort(new Error('cancelled by ann'));
      },
    });
    expect(outcome).toEqual(new Error('cancelled by ann'));
    expect(withdrawn).toEqual(['cancelled by ann']);
    expect(here.device.state.screen.now()).toEqual([]);
  });

  it('names a notifier of Webex, and needs the bot', () => {
    expect(problems({ alsoAsk: 'opps' })).toEqual([
      'macros[0].steps[0].prompt.alsoAsk: there is no notifier "opps". Did you mean "ops"?',
    ]);
    expect(problems({ alsoAsk: 'ops' })).toEqual([
      'macros[0].steps[0].prompt.alsoAsk: the answer is heard by the bot: write `chat:` with those who may answer.',
    ]);
  });
});

describe('prompt', () => {
  it('shows its question with the buttons and tells which one was pressed', async () => {
    const here = stepRoom();
    const outcome = await ask(here, () => {
      expect(here.device.state.screen.now()).toMatchObject([
        {
          kind: 'prompt',
          title: 'Booking',
          text: 'Still here, boardroom-1?',
          options: [
            { id: 1, text: 'Yes' },
            { id: 2, text: 'No' },
          ],
          durationSeconds: 60,
        },
      ]);
      here.device.state.screen.respond(2);
    });
    expect(outcome).toEqual({
      result: 'someone chose "No" (option 2)',
      output: { answered: true, choice: 2, answer: 'No', by: '' },
    });
    expect(here.device.state.screen.now()).toEqual([]);
  });

  it('goes on where nobody answers, with the prompt gone', async () => {
    const here = stepRoom();
    expect(await runStep(prompt, ASK, here)).toEqual({
      result: 'nobody answered within 30s',
      output: NOBODY,
    });
    expect(here.device.state.screen.now()).toEqual([]);
    expect(here.device.state.screen.history).toMatchObject([{ ended: 'cleared' }]);
  });

  it('takes a prompt that someone closed for no answer, and says so', async () => {
    const here = stepRoom();
    expect(await ask(here, () => here.device.state.screen.clear('prompt'))).toEqual({
      result: 'nobody answered: someone closed the prompt',
      output: NOBODY,
    });
  });

  it('does not take the answer to another prompt for its own', async () => {
    const here = stepRoom();
    const outcome = await ask(here, () => {
      here.device.state.core.event('UserInterface.Message.Prompt.Response', {
        FeedbackId: 'another',
        OptionId: 1,
      });
    });
    expect(outcome).toMatchObject({ output: NOBODY });
  });

  it('asks nothing where no session would bring the answer', async () => {
    const here = stepRoom();
    here.device.setSession('up-https', 'the websocket is off');
    expect(await runStep(prompt, ASK, here)).toMatchObject({ code: 'refused' });
    expect(here.device.state.screen.history).toEqual([]);
  });

  it('fails where the session ends while it waits', async () => {
    const here = stepRoom();
    expect(await ask(here, () => here.device.setSession('waiting', 'it was closed'))).toMatchObject({
      code: 'failed',
      message:
        'there is no session to the device (it was closed), so roomd could not see whether someone answers',
    });
    expect(here.device.state.screen.now()).toEqual([]);
  });

  it('takes the prompt away when the run is ended', async () => {
    const here = stepRoom();
    expect(await ask(here, () => here.cancel.abort(new Error('cancelled by olav')))).toMatchObject({
      message: 'cancelled by olav',
    });
    expect(here.device.state.screen.now()).toEqual([]);
  });

  it('is checked for what a device takes', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ options: ['x'.repeat(256)] })).toEqual([
      'macros[0].steps[0].prompt.options[0]: it is 256 bytes of UTF-8 long; the screen takes 255.',
    ]);
    expect(problems({ within: '2h' })).toContain(
      'macros[0].steps[0].prompt.within: devices show a prompt for at most 59m30s here.',
    );
    expect(() => problems({ options: ['1', '2', '3', '4', '5', '6'] })).toThrow('at most 5');
  });

  it('tells later steps what was chosen', () => {
    const macros = [
      {
        name: 'm',
        devices: 'all',
        steps: [
          { prompt: ASK, as: 'still' },
          { log: '{{steps.still.answer}}', if: 'steps.still.answered && steps.still.choice == 1' },
        ],
      },
    ];
    expect(problemsOf(sampleFleet({ macros }))).toEqual([]);
  });
});
