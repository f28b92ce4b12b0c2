import { type CheckContext, StepError, type StepProblem, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate, longestBytes, type TemplateValues } from '../template.ts';

/** What is wrong with a text that the screen shows; devices count UTF-8 bytes. */
export function checkShown(
  path: StepProblem['path'],
  text: string,
  context: CheckContext,
  mostBytes: number,
): StepProblem[] {
  const bytes = longestBytes(text, context.targets);
  return [
    ...checkTemplate(text, context).map((problem) => stepProblem(path, problem)),
    ...(bytes > mostBytes
      ? [stepProblem(path, `it is ${bytes} bytes of UTF-8 long; the screen takes ${mostBytes}.`)]
      : []),
  ];
}

/**
 * The filled-in text.
 * @throws StepError `failed` where it got too long
 */
export function shownText(text: string, values: TemplateValues, mostBytes: number): string {
  const filled = expandTemplate(text, values);
  const bytes = Buffer.byteLength(filled);
  if (bytes > mostBytes)
    throw new StepError('failed', `the text is ${bytes} bytes of UTF-8 long; the screen takes ${mostBytes}`);
  return filled;
}
