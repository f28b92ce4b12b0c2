import type { Step } from '../step.ts';
import { answer } from './answer.ts';
import { command } from './command.ts';
import { dial } from './dial.ts';
import { disconnect } from './disconnect.ts';
import { help } from './help.ts';
import { http } from './http.ts';
import { join } from './join.ts';
import { log } from './log.ts';
import { meet } from './meet.ts';
import { message } from './message.ts';
import { notify } from './notify.ts';
import { panel } from './panel.ts';
import { prompt } from './prompt.ts';
import { reboot } from './reboot.ts';
import { release } from './release.ts';
import { run } from './run.ts';
import { set } from './set.ts';
import { space } from './space.ts';
import { standby } from './standby.ts';
import { volume } from './volume.ts';
import { wait } from './wait.ts';
import { wake } from './wake.ts';

/** Every kind of step, by the name it has in the file. */
export const STEPS = {
  dial,
  join,
  answer,
  meet,
  help,
  disconnect,
  wait,
  message,
  prompt,
  panel,
  standby,
  wake,
  volume,
  reboot,
  release,
  set,
  command,
  notify,
  space,
  log,
  http,
  run,
} satisfies Readonly<Record<string, Step<unknown>>>;

export type StepName = keyof typeof STEPS;

/** The step of this name, to be given only arguments that its own schema returned. */
export function stepOf(name: StepName): Step<unknown> {
  return STEPS[name];
}
