import type { AbortOptions } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { childOf, type XmlElement } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import { writeXml } from '../../lib/xml/writer.ts';
import type { Device, DeviceIdentity, SettingAnswer } from '../../xapi/device.ts';
import type { Change } from '../change.ts';
import { panelsIn } from '../content/exported-panels.ts';
import { panelPath } from '../content-paths.ts';
import type { DesiredDevice, DesiredPanel } from '../fleet.ts';
import {
  diffThings,
  type Errand,
  goneKeys,
  isUnseen,
  lookAt,
  NOTHING,
  Order,
  orderChange,
  runErrands,
  sha256,
  sizeAndDigest,
  type Unseen,
  unseenDiff,
} from '../managed-content.ts';
import type { ManagedStore, ManagedThings } from '../managed-store.ts';
import type { Resource, ResourceDiff, ResourceProblem } from '../resource.ts';

export const PANEL_KIND = 'ui-panel';

/** The panels on a device by id; null where neither the file nor the record has anything to do with them. */
export type ObservedPanels = {
  readonly held: ReadonlyMap<string, XmlElement>;
  readonly things: ManagedThings;
} | null;

interface PanelErrand extends Errand {
  /** The `<Extensions>` document to save; empty where the panel is taken off. */
  readonly xml: string;
}

class PanelOrder extends Order<PanelErrand> {}

/** A panel of the file, read. */
interface ReadPanel {
  readonly panel: DesiredPanel;
  readonly element: XmlElement;
  readonly digest: string;
}

/** UI extensions, each by its PanelId. They show on touch panels and screens, so a change waits for a free room. */
export class PanelResource implements Resource<ObservedPanels | Unseen> {
  readonly kind = PANEL_KIND;
  readonly #managed: ManagedStore;

  constructor({ managed }: { managed: ManagedStore }) {
    this.#managed = managed;
  }

  async observe(
    device: Device,
    { content }: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<ObservedPanels | Unseen> {
    const things = await this.#managed.load(device.address.id, this.kind);
    const panels = content?.panels ?? [];
    if (panels.length === 0 && things.size === 0 && content?.prune !== 'all') return null;
    const held = await lookAt('UI panels', identity, async () =>
      panelsIn(await device.command('UserInterface.Extensions.Export', {}, options)),
    );
    if (isUnseen(held)) return held;
    const desired = new Map(panels.map((panel) => [panel.id, panel]));
    await this.#managed.gone(device.address.id, this.kind, goneKeys(things, held, desired));
    return { held, things };
  }

  diff({ content }: DesiredDevice, observed: ObservedPanels | Unseen): ResourceDiff {
    if (observed === null) return NOTHING;
    const panels = content?.panels ?? [];
    if (isUnseen(observed)) {
      const paths = panels.map(({ id }) => panelPath(id));
      return unseenDiff(paths, observed);
    }
    const { desired, problems } = readPanels(panels);
    const unread = new Set(problems.map(({ path }) => path));
    const held = new Map([...observed.held].filter(([id]) => !unread.has(panelPath(id))));
    const { changes, untouched } = diffThings<ReadPanel, XmlElement>({
      desired,
      held,
      things: observed.things,
      prune: content?.prune ?? 'own',
      isSame: (panel, element) => isShownBy(panel.element, element),
      isRecorded: (thing, { digest }) => thing.digest === digest,
      describe: (element) => describe(element),
      keep: (element) => ({ bytes: () => documentOf(element), lacks: lackOf(element) }),
      put: ({ panel, element, digest }, _held, from) =>
        changeOf(
          { action: 'put', key: panel.id, digest, xml: panel.xml, givesBack: panel.givesBack ?? false },
          from,
          describe(element),
        ),
      take: (key, _held, from) =>
        changeOf({ action: 'take', key, digest: '', xml: '' }, from, 'no such panel'),
    });
    return { changes, untouched, problems, hints: [] };
  }

  async apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]> {
    const errands = changes.map(({ path, wanted }) => ({ path, errand: errandIn(wanted) }));
    const act = async ({ action, key: PanelId, xml: body }: PanelErrand): Promise<null> => {
      if (action === 'put')
        await device.command('UserInterface.Extensions.Panel.Save', { PanelId }, { ...options, body });
      else await device.command('UserInterface.Extensions.Panel.Remove', { PanelId }, options);
      return null;
    };
    return runErrands(device, errands, { managed: this.#managed, kind: this.kind }, { act });
  }
}

function changeOf(errand: PanelErrand, from: string | null, to: string): Change {
  const order = new PanelOrder(PANEL_KIND, errand);
  return orderChange(PANEL_KIND, { path: panelPath(errand.key), order, from, to });
}

function errandIn(wanted: Change['wanted']): PanelErrand {
  if (wanted instanceof PanelOrder) return wanted.errand;
  throw new TypeError('the change is no order for a panel');
}

/** A panel of an export as the document that `Panel Save` takes. */
function documentOf(panel: XmlElement): Buffer {
  return Buffer.from(writeXml({ name: 'Extensions', children: [panel] }));
}

/** Exports leave pictures out. */
function lackOf(panel: XmlElement): string | null {
  const isWithout = panel.children.some(
    ({ name, children }) =>
      name === 'CustomIcon' && (children.find((child) => child.name === 'Content')?.text.trim() ?? '') === '',
  );
  return isWithout ? 'its picture, which the device does not show' : null;
}

function readPanels(panels: readonly DesiredPanel[]): {
  desired: Map<string, ReadPanel>;
  problems: ResourceProblem[];
} {
  const desired = new Map<string, ReadPanel>();
  const problems: ResourceProblem[] = [];
  for (const panel of panels) {
    try {
      const { root } = readXml(panel.xml);
      const element = root.name === 'Panel' ? root : childOf(root, 'Panel');
      if (element === undefined)
        problems.push({ path: panelPath(panel.id), message: 'the document holds no <Panel>' });
      else desired.set(panel.id, { panel, element, digest: sha256(compact(element)) });
    } catch (error) {
      problems.push({
        path: panelPath(panel.id),
        message: `the document is no XML that can be read: ${messageOf(error)}`,
      });
    }
  }
  return { desired, problems };
}

/** How a panel is known and where it stands in the export is no part of what it is. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['PanelId']);

/**
 * Whether a panel on a device is the one of the file. The device may reorder
 * and add single values that the file does not name (Origin, Order, …); pages,
 * rows and widgets that the file does not have are a difference.
 */
export function isShownBy(wanted: XmlElement, held: XmlElement): boolean {
  if (wanted.children.length === 0 && held.children.length === 0)
    return wanted.text.trim() === held.text.trim();
  const names = new Set([...wanted.children, ...held.children].map(({ name }) => name));
  for (const name of names) {
    if (NOT_COMPARED.has(name)) continue;
    const ours = wanted.children.filter((child) => child.name === name);
    const theirs = held.children.filter((child) => child.name === name);
    if (ours.length === 0 && theirs.every(({ children }) => children.length === 0)) continue;
    if (theirs.length === 0 && ours.every((child) => mayBeLeftOut(child, wanted, held))) continue;
    if (ours.length !== theirs.length || !areMatched(ours, theirs)) return false;
  }
  return true;
}

/** Each of ours with another of theirs, the one in the same place first. */
function areMatched(ours: readonly XmlElement[], theirs: readonly XmlElement[]): boolean {
  const left = new Set(theirs);
  return ours.every((wanted, position) => {
    const same = theirs[position];
    const candidates = same !== undefined && left.has(same) ? [same, ...left] : [...left];
    const match = candidates.find((held) => isShownBy(wanted, held));
    return match !== undefined && left.delete(match);
  });
}

/** Empty values; the old `Type` where the device tells a Location; pictures that an export leaves out. */
function mayBeLeftOut({ name, children, text }: XmlElement, wanted: XmlElement, held: XmlElement): boolean {
  if (children.length > 0) return false;
  if (text.trim() === '') return true;
  if (name === 'Type' && wanted.name === 'Panel') return childOf(held, 'Location') !== undefined;
  return name === 'Content' && wanted.name === 'CustomIcon';
}

function describe(element: XmlElement): string {
  const text = compact(element);
  return sizeAndDigest(Buffer.byteLength(text), sha256(text));
}

/** A panel's text without white space between elements, for sizes and digests. */
function compact({ name, children, text }: XmlElement): string {
  const inner = children.filter((child) => !NOT_COMPARED.has(child.name)).map(compact);
  return `<${name}>${children.length > 0 ? inner.join('') : text.trim()}</${name}>`;
}
