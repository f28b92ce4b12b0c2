import type { SystemCheck } from '../../actions/ports/systems.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { FinesseSection, MeetingsSection } from '../../fleet/systems/systems-section.ts';
import { chooseAgent } from '../../integrations/finesse/choose-agent.ts';
import type { FinesseClient } from '../../integrations/finesse/client.ts';
import type { MeetingService } from '../../integrations/webex-meetings/meetings.ts';
import { scheduleNow } from '../../integrations/webex-meetings/scheduled.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { NewId, Random } from '../../lib/random.ts';
import { Secret } from '../../lib/secret.ts';
import type { MacroPorts } from '../../macros/ports.ts';
import { finesseKind } from './finesse.ts';
import { meetingsKind } from './meetings.ts';
import { System } from './system.ts';
import type { WebexDesk } from './webex-desk.ts';

export interface SystemDeskModules {
  readonly webex: Pick<WebexDesk, 'isNamed' | 'token' | 'check'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
}

/** The systems of the fleet in force that macros speak to. Nothing is contacted before somebody asks for something. */
export class SystemDesk {
  readonly #modules: SystemDeskModules;
  readonly #meetings: System<MeetingsSection, MeetingService>;
  readonly #finesse: System<FinesseSection, FinesseClient>;

  constructor({ fleet }: { readonly fleet: () => Fleet }, modules: SystemDeskModules) {
    const { clock, webex } = modules;
    this.#modules = modules;
    this.#meetings = new System(meetingsKind({ ...modules, fleet, webexToken: webex.token }), {
      fleet,
      clock,
    });
    this.#finesse = new System(finesseKind(modules), { fleet, clock });
  }

  readonly meetings: MacroPorts['meetings'] = {
    schedule: (order, options) =>
      this.#meetings.use(async (service, { api }) => {
        const password = api.kind === 'xml' ? madeUpPassword(this.#modules.newId) : null;
        const { meeting, sipAddress, undo } = await scheduleNow(
          { ...order, password },
          { service, ...this.#modules },
          options,
        );
        return { meetingId: meeting.id, sipAddress, undo };
      }),
  };

  readonly finesse: MacroPorts['finesse'] = {
    teamReady: (team, options) =>
      this.#finesse.use(async (client) => {
        const choice = chooseAgent(await client.team(team, options));
        if (choice.agent === null) return choice;
        const { id, firstName, lastName, extension } = choice.agent;
        const name = [firstName, lastName].filter((part) => part !== null).join(' ');
        return { agent: { name: name === '' ? id : name, extension } };
      }),
  };

  /** How each system that the file names did when it was last asked. */
  health(): { readonly part: string; readonly reason: string | null }[] {
    return this.#named().map((system) => ({ part: system.name, reason: system.trouble() }));
  }

  /** Asks each for something that changes nothing. */
  check(options: AbortOptions): Promise<SystemCheck[]> {
    const { webex } = this.#modules;
    const webexCheck = { name: 'webex', check: (how: AbortOptions) => webex.check(how) };
    return Promise.all(
      [...(webex.isNamed ? [webexCheck] : []), ...this.#named()].map(async (system) => {
        const { name } = system;
        try {
          return { system: name, ok: true, found: await system.check(options) };
        } catch (error) {
          options.signal?.throwIfAborted();
          return { system: name, ok: false, found: messageOf(error) };
        }
      }),
    );
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#meetings, this.#finesse].map((part) => part.close()));
  }

  #named() {
    return [this.#meetings, this.#finesse].filter(({ isNamed }) => isNamed);
  }
}

/** Most sites of the XML interface want one (exception 060026). The end of an id is random (48 bits). */
function madeUpPassword(newId: NewId): Secret {
  return new Secret(`Room-${newId().replaceAll('-', '').slice(-12)}`);
}
