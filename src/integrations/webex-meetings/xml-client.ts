import type { Clock } from '../../lib/clock.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { Caller, type Exchange, type Reach } from './caller.ts';
import { MeetingsError } from './errors.ts';
import type {
  Invitee,
  Meeting,
  MeetingCallOptions,
  MeetingChange,
  MeetingPlan,
  MeetingService,
  MeetingSummary,
} from './meetings.ts';
import {
  allWithin,
  element,
  readAnswer,
  requestDocument,
  textAt,
  type XmlOperation,
} from './xml-document.ts';
import {
  changeContent,
  inviteesOf,
  meetingOf,
  participantsContent,
  planContent,
  summaryOf,
} from './xml-meeting.ts';
import { type XmlCredential, XmlSession } from './xml-session.ts';
import { steadyTimeOf } from './xml-time.ts';

const XML_API_URL = 'https://api.webex.com/WBXService/XMLService';
const RETIRED_ON = '2024-03-31';
const PAGE_SIZE = 100;
/** Said by some sites where a list is empty; no capture shows it (cloud facts 3), so nothing else relies on it. */
const NO_RECORD = '000015';

export interface XmlMeetingsOptions extends Reach {
  /** `https://api.webex.com/WBXService/XMLService` when left out; a site has its own, too. */
  readonly url?: string;
  /** The site's name, the first part of its host name. */
  readonly siteName: string;
  readonly webExId: string;
  readonly credential: XmlCredential;
}

/**
 * Meetings by the Webex Meetings XML API (cloud facts 3), which Webex retired
 * on 31 March 2024; it is for sites that were given longer, and says so in the
 * log.
 */
export function createXmlMeetings(
  options: XmlMeetingsOptions,
  { clock, logger = silentLogger }: { clock: Clock; logger?: Logger },
): MeetingService {
  logger.warn(
    { site: options.siteName, retiredOn: RETIRED_ON },
    'Webex retired the XML API for meetings; use the REST API unless this site was given longer',
  );
  return new XmlMeetings(options, { clock, logger });
}

class XmlMeetings implements MeetingService {
  readonly #url: URL;
  readonly #webExId: string;
  readonly #session: XmlSession;
  readonly #caller: Caller;
  readonly #clock: Clock;

  constructor(options: XmlMeetingsOptions, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#url = new URL(options.url ?? XML_API_URL);
    this.#webExId = options.webExId;
    this.#session = new XmlSession(options, { clock });
    this.#caller = new Caller(this.#url.origin, options, { clock, logger });
    this.#clock = clock;
  }

  async create(plan: MeetingPlan, options: MeetingCallOptions = {}): Promise<string> {
    const body = await this.#ask('CreateMeeting', planContent(plan), options);
    const key = textAt(body, 'meetingkey');
    if (key !== '') return key;
    throw new MeetingsError('malformed', 'CreateMeeting was answered without a meeting key');
  }

  async *list(
    { from, to }: { from: number; to: number },
    options: MeetingCallOptions = {},
  ): AsyncGenerator<MeetingSummary, void> {
    let startFrom = 1;
    for (;;) {
      const page = await this.#page(startFrom, { from, to }, options);
      const meetings = allWithin(page, 'meeting');
      for (const meeting of meetings.map(summaryOf)) {
        if (meeting.start >= from && meeting.start < to) yield meeting;
      }
      startFrom += meetings.length;
      const total = Number(textAt(page, 'matchingRecords', 'total'));
      if (meetings.length === 0 || !(startFrom <= total)) return;
    }
  }

  async get(id: string, options: MeetingCallOptions = {}): Promise<Meeting> {
    return meetingOf(await this.#getMeeting(id, options));
  }

  async update(id: string, change: MeetingChange, options: MeetingCallOptions = {}): Promise<void> {
    await this.#ask('SetMeeting', [element('meetingkey', id), ...changeContent(change)], options);
  }

  async delete(id: string, options: MeetingCallOptions = {}): Promise<void> {
    await this.#ask('DelMeeting', [element('meetingKey', id)], options);
  }

  async joinUrl(id: string, options: MeetingCallOptions = {}): Promise<string> {
    const body = await this.#ask('GetjoinurlMeeting', [element('sessionKey', id)], options);
    const url = textAt(body, 'inviteMeetingURL') || textAt(body, 'joinMeetingURL');
    if (url !== '') return url;
    throw new MeetingsError('malformed', 'GetjoinurlMeeting was answered without an address');
  }

  async invitees(id: string, options: MeetingCallOptions = {}): Promise<Invitee[]> {
    const found = inviteesOf(await this.#getMeeting(id, options));
    return found.toSorted((a, b) => (a.email < b.email ? -1 : 1));
  }

  /** Sends the whole list, as nothing tells whether SetMeeting adds to the list or replaces it. */
  async invite(id: string, invitee: Invitee, options: MeetingCallOptions = {}): Promise<void> {
    const invited = await this.invitees(id, options);
    if (invited.some(({ email }) => email.toLowerCase() === invitee.email.toLowerCase())) return;
    const content = [element('meetingkey', id), participantsContent([...invited, invitee])];
    await this.#ask('SetMeeting', content, options);
  }

  close(): Promise<void> {
    return this.#caller.close();
  }

  #getMeeting(id: string, options: MeetingCallOptions): Promise<XmlElement> {
    return this.#ask('GetMeeting', [element('meetingKey', id)], options);
  }

  async #page(
    startFrom: number,
    { from, to }: { from: number; to: number },
    options: MeetingCallOptions,
  ): Promise<XmlElement> {
    const [first, last] = [steadyTimeOf(from), steadyTimeOf(to)];
    const content = [
      element('listControl', [
        element('startFrom', String(startFrom)),
        element('maximumNum', String(PAGE_SIZE)),
        element('listMethod', 'AND'),
      ]),
      element('order', [element('orderBy', 'STARTTIME'), element('orderAD', 'ASC')]),
      element('dateScope', [
        element('startDateStart', first.startDate),
        element('startDateEnd', last.startDate),
        element('timeZoneID', first.timeZoneID),
      ]),
      element('hostWebExID', this.#webExId),
    ];
    try {
      return await this.#ask('LstsummaryMeeting', content, options);
    } catch (error) {
      if (error instanceof MeetingsError && error.exceptionId === NO_RECORD) return NOTHING;
      throw error;
    }
  }

  #ask(name: string, content: readonly XmlNode[], options: MeetingCallOptions): Promise<XmlElement> {
    const operation: XmlOperation = { service: 'meeting', name, content };
    return this.#caller.call(this.#what(name), options, (exchange) =>
      this.#session.send(operation, (security, asked) => this.#post(security, asked, exchange)),
    );
  }

  async #post(
    security: readonly XmlNode[],
    operation: XmlOperation,
    exchange: Exchange,
  ): Promise<XmlElement> {
    const what = this.#what(operation.name);
    const response = await exchange({
      method: 'POST',
      path: `${this.#url.pathname}${this.#url.search}`,
      headers: { 'content-type': 'text/xml;charset=UTF-8', accept: 'text/xml' },
      body: requestDocument(security, operation, what),
    });
    return readAnswer(response, what, this.#clock.now());
  }

  #what(name: string): string {
    return `${name} at ${this.#url.origin}`;
  }
}

const NOTHING: XmlElement = { name: 'bodyContent', attributes: {}, children: [], text: '' };
