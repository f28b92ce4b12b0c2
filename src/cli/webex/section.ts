import { formatProblem } from '../../fleet/problem.ts';
import type { WebexSection } from '../../fleet/systems/systems-section.ts';
import { Secret } from '../../lib/secret.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';

/**
 * `systems.webex` of the fleet file, and where its database lies. Secrets of devices and of other systems
 * may be missing; of its own, those whose key is in `mayLack`.
 */
export async function webexSection(
  options: GlobalOptions,
  context: CliContext,
  { mayLack = null }: { mayLack?: string | null } = {},
): Promise<{ readonly section: WebexSection; readonly databaseFile: string }> {
  const loaded = await loadFile(options, context, { missingSecrets: 'warning' });
  const { systems, daemon } = loaded.fleet ?? requireFleet(loaded, context);
  const { webex } = systems;
  const own = loaded.problems.filter(
    ({ path }) => path.startsWith('systems.webex') && (mayLack === null || !path.endsWith(`.${mayLack}`)),
  );
  for (const problem of own) context.terminal.err(formatProblem(problem));
  if (webex === null)
    throw new ExitError(
      EXIT.usage,
      `${options.fleet} names no systems.webex; write for example systems: { webex: { token: "\${env:WEBEX_TOKEN}" } }`,
    );
  if (lacksSecret(webex, mayLack))
    throw new ExitError(EXIT.invalidFleet, 'a secret of systems.webex is missing; nothing was contacted');
  return { section: webex, databaseFile: daemon.databaseFile };
}

/** A secret that is missing is empty. */
function lacksSecret({ credential }: WebexSection, mayLack: string | null): boolean {
  return Object.entries(credential).some(
    ([key, value]) => value instanceof Secret && value.reveal() === '' && key !== mayLack,
  );
}
