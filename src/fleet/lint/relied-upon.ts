import { type PathText, pathKey } from '../../xapi/path.ts';
import type { DesiredDevice } from '../fleet.ts';
import type { ProductKnowledge } from '../knowledge/product-knowledge.ts';
import type { Verdict } from './judge.ts';

/** A setting that a device's file leans on without having to name it. */
interface Relied {
  readonly path: PathText;
  readonly why: string;
  readonly when: (device: DesiredDevice) => boolean;
}

const always = (): boolean => true;
const hasSlot = ({ feedback }: DesiredDevice): boolean => feedback.expressions.length > 0;
const hasMacros = ({ content }: DesiredDevice): boolean => (content?.deviceMacros.length ?? 0) > 0;

/**
 * Of the hundreds of defaults that a release changes, those that decide
 * whether what the file asks for still works. All others are the devices' own
 * affair as long as the file does not name them.
 */
const RELIED_UPON: readonly Relied[] = [
  { path: 'NetworkServices.HTTP.Mode', why: 'roomd reaches devices over HTTPS', when: always },
  { path: 'NetworkServices.Websocket', why: 'roomd hears devices over websocket', when: always },
  {
    path: 'Security.Session.MaxFailedLogins',
    why: 'it locks the account that roomd logs in with',
    when: always,
  },
  { path: 'Security.Session.MaxSessionsPerUser', why: "roomd's sessions count", when: always },
  { path: 'RoomAnalytics.PeoplePresenceDetector', why: 'presence comes from it', when: always },
  { path: 'HttpFeedback.TlsVerify', why: 'feedback slots post by it', when: hasSlot },
  { path: 'HttpFeedback.UseHttpProxy', why: 'feedback slots post by it', when: hasSlot },
  { path: 'Macros.Mode', why: 'device macros run by it', when: hasMacros },
  { path: 'Macros.EvaluateTranspiled', why: 'device macros run by it', when: hasMacros },
];

/** What an upgrade does to settings that the file relies on and does not name, with the devices that it concerns. */
export function reliedDefaults(
  devices: readonly DesiredDevice[],
  { before, after }: { before: ProductKnowledge; after: ProductKnowledge },
): { readonly path: PathText; readonly verdict: Verdict; readonly devices: readonly DesiredDevice[] }[] {
  return RELIED_UPON.flatMap(({ path, why, when }) => {
    const [was, is] = [before.find(path), after.find(path)];
    if (!was.known || !is.known || was.default === null || is.default === null || was.default === is.default)
      return [];
    const key = pathKey(path);
    const concerned = devices.filter(
      (device) => when(device) && ![...device.configuration.keys()].some((named) => pathKey(named) === key),
    );
    if (concerned.length === 0) return [];
    const verdict: Verdict = {
      rule: 'default-changes',
      message: `the file does not name ${path}, whose default is "${is.default}" after the upgrade; before, "${was.default}". It matters because ${why}.`,
      remedy: `Write "${path}: ${was.default}" where it is to stay as it is.`,
    };
    return [{ path, verdict, devices: concerned }];
  });
}
