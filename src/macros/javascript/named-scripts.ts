import type { Fleet } from '../../fleet/fleet.ts';
import type { SectionFiles } from '../../fleet/section.ts';
import { fileNamed } from '../../fleet/section-files.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Macro } from '../macro-schema.ts';
import { compileEngine } from './engine.ts';
import { type Fault, type JavaScriptFile, SANDBOX_LIMITS } from './protocol.ts';
import { converse } from './thread.ts';

/** The scripts that macros name, for the loader. */
export const macroScripts: SectionFiles<Macro[]> = {
  named: (macros) =>
    macros.flatMap(({ script }, index) =>
      script === undefined ? [] : [{ path: [index, 'script'], file: script, what: `the script ${script}` }],
    ),

  /** Each is evaluated in a sandbox as at the beginning of a run, so that it says here what it would say there. */
  async judge(files) {
    const faults: (Fault | null)[] = [];
    try {
      await converse(
        {
          does: 'check',
          engine: await compileEngine(),
          files: files.map(({ file, text }) => ({ file, source: text })),
          limits: SANDBOX_LIMITS,
        },
        {
          watch: systemClock(),
          hear: (news) => {
            if (news.says === 'checked') faults.push(news.fault);
            return faults.length === files.length;
          },
        },
      );
    } catch (error) {
      // The first that nothing was told of is the one that it did not survive.
      faults.push({ message: messageOf(error), at: null });
    }
    return files.map((_, index) => faults[index] ?? null);
  },
};

/** The script of a macro, the one of this index in the fleet; null where it has none. */
export function fileOfMacro(fleet: Fleet, { name, script }: Macro, index: number): JavaScriptFile | null {
  if (script === undefined) return null;
  const named = fileNamed(fleet, ['macros', index, 'script']);
  // A valid fleet has it; without it the macro would do nothing and call that a success.
  if (named === null) throw new TypeError(`the script of the macro ${name} was not read`);
  return { file: named.file, source: named.text };
}
