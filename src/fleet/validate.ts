import { didYouMean } from '../lib/suggest.ts';
import type { LayerChoice } from './choose-layers.ts';
import { type FilePath, nodeAt } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { DaemonSection } from './fleet.ts';
import { SOURCE_TITLES, sourcesOf } from './inventory/inventory-section.ts';
import { MOST_EXPRESSIONS, SAFE_EXPRESSIONS, tooManyExpressions } from './most-expressions.ts';
import { type Problem, placeSeenFrom } from './problem.ts';
import { type Entry, type FileContents, layersOf } from './read-contents.ts';
import type { Device } from './schema.ts';

export interface Judged {
  readonly contents: FileContents;
  readonly chosen: LayerChoice;
  readonly daemon: DaemonSection;
  /** False where an included file is missing or broken: what leads nowhere may lead there. */
  readonly isWhole: boolean;
}

/** What takes more than one place of the file to judge: names that lead nowhere, and things that are there twice. */
export function validate(yaml: YamlFile, { contents, chosen, daemon, isWhole }: Judged): Problem[] {
  const leadNowhere = isWhole
    ? [...profileNames(yaml, contents), ...credentialNames(yaml, contents, chosen)]
    : [];
  return [
    ...uniqueNames(yaml, contents.devices),
    ...uniqueAddresses(yaml, contents.devices),
    ...uniqueIdentities(yaml, contents.devices),
    ...withoutAddress(yaml, contents),
    ...inventoryLogins(yaml, contents),
    ...meetingsLogin(yaml, contents),
    ...formerNames(yaml, contents.devices),
    ...leadNowhere,
    ...(isWhole ? tokenlessNotifiers(yaml, contents) : []),
    // A name that is misspelt leaves the right one unused; that is said once.
    ...(isWhole && leadNowhere.length === 0 ? unused(yaml, contents) : []),
    ...insecure(yaml, contents),
    ...slotsWithoutUrl(yaml, contents, daemon),
    ...crowdedSlots(yaml, contents),
    ...(contents.devices.length === 0 && hasEmptyList(yaml)
      ? [yaml.warning(['devices'], 'there are no devices yet.')]
      : []),
  ];
}

type Devices = FileContents['devices'];

function uniqueNames(yaml: YamlFile, devices: Devices): Problem[] {
  return repeats(devices, ({ name }) => name?.toLowerCase()).map(([entry, first]) => {
    const { name } = entry.value;
    const why =
      first.value.name === name ? '' : ' Upper and lower case do not tell devices apart on the command line.';
    const path = [...entry.path, 'name'];
    const taken = placeSeenFrom(yaml.locate([...first.path, 'name']), yaml.locate(path));
    return yaml.error(path, `the name "${name}" is taken by the device ${taken}.${why}`);
  });
}

/** Without a token of its own, a Webex notifier speaks as the bot of `systems.webex` does. */
function tokenlessNotifiers(yaml: YamlFile, { notifiers, systems }: FileContents): Problem[] {
  if (systems.webex !== undefined) return [];
  return [...notifiers.values()].flatMap(({ value: { webex }, path }) =>
    webex === undefined || webex.token !== undefined
      ? []
      : [yaml.error([...path, 'webex'], 'it needs a token: write one here, or name systems.webex.')],
  );
}

function uniqueAddresses(yaml: YamlFile, devices: Devices): Problem[] {
  return repeats(devices, ({ host }) =>
    host === undefined ? undefined : `${host.host.toLowerCase()}:${host.port}`,
  ).map(([entry, first]) => {
    const path = [...entry.path, 'host'];
    const taken = placeSeenFrom(yaml.locate([...first.path, 'host']), yaml.locate(path));
    return yaml.error(
      path,
      `${entry.value.host?.host}:${entry.value.host?.port} is the address of ${first.value.name ?? 'the device'} ${taken}, too.`,
    );
  });
}

function uniqueIdentities(yaml: YamlFile, devices: Devices): Problem[] {
  return [
    { key: 'mac', what: 'MAC address' } as const,
    { key: 'serial', what: 'serial number' } as const,
  ].flatMap(({ key, what }) =>
    repeats(devices, (device) => device[key]).map(([entry, first]) => {
      const path = [...entry.path, key];
      const taken = placeSeenFrom(yaml.locate([...first.path, key]), yaml.locate(path));
      return yaml.error(
        path,
        `${entry.value[key]} is the ${what} of ${first.value.name ?? 'the device'} ${taken}, too.`,
      );
    }),
  );
}

/** A device that has a MAC address or a serial number may get its address from a pull, which has been told of. */
function withoutAddress(yaml: YamlFile, { devices, inventory }: FileContents): Problem[] {
  return devices
    .filter(({ path }) => !isWritten(yaml, path, 'host'))
    .filter(
      ({ path }) =>
        sourcesOf(inventory).length === 0 ||
        !(isWritten(yaml, path, 'mac') || isWritten(yaml, path, 'serial')),
    )
    .map(({ path, value }) =>
      yaml.error(
        [...path, 'host'],
        value.mac === undefined && value.serial === undefined
          ? '"host" is missing. Write for example host: 10.0.3.11'
          : '"host" is missing, and nothing is pulled that could tell the address of this device: write host, or inventory.',
      ),
    );
}

/** Said of the section and not of each device, and also while nothing is pulled yet. */
function inventoryLogins(yaml: YamlFile, { inventory, systems, defaults }: FileContents): Problem[] {
  return sourcesOf(inventory).flatMap((source) => {
    const path = ['inventory', source];
    const problems: Problem[] = [];
    if (systems[source] === undefined && !isWritten(yaml, ['systems'], source))
      problems.push(
        yaml.keyError(
          path,
          `where ${SOURCE_TITLES[source]} is and how roomd logs in to it is missing: write systems: { ${source}: … }.`,
        ),
      );
    // A layer would not do: one that does not fit a new device must not make the file invalid.
    if (!isWritten(yaml, defaults.path, 'credentials'))
      problems.push(
        yaml.keyError(
          path,
          'devices that are pulled have no credentials; write "credentials: NAME" under defaults.',
        ),
      );
    return problems;
  });
}

/** What the schema of one system cannot see: that it speaks with the token of another. */
function meetingsLogin(yaml: YamlFile, { systems: { meetings, webex } }: FileContents): Problem[] {
  const hasLogin = meetings === undefined || meetings.xml !== undefined || meetings.token !== undefined;
  if (hasLogin || webex !== undefined || isWritten(yaml, ['systems'], 'webex')) return [];
  return [
    yaml.keyError(
      ['systems', 'meetings'],
      'there is no token to speak with: write token, or systems: { webex: … }, whose token is used then.',
    ),
  ];
}

/** The entries whose key an earlier one has, each with that earlier one. */
function repeats(
  devices: Devices,
  keyOf: (device: Partial<Device>) => string | undefined,
): [Entry<Device>, Entry<Device>][] {
  const firsts = new Map<string, Entry<Device>>();
  const found: [Entry<Device>, Entry<Device>][] = [];
  for (const entry of devices) {
    const key = keyOf(entry.value);
    if (key === undefined) continue;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, entry);
    else found.push([entry, first]);
  }
  return found;
}

function formerNames(yaml: YamlFile, devices: Devices): Problem[] {
  const names = new Set(devices.map(({ value }) => value.name?.toLowerCase()));
  const taken = devices
    .filter(({ value }) => value.formerly !== undefined && names.has(value.formerly.toLowerCase()))
    .map(({ path, value }) =>
      yaml.error(
        [...path, 'formerly'],
        `"${value.formerly}" is still the name of a device, so it cannot be the former name of ${value.name ?? 'this one'}.`,
      ),
    );
  const twice = repeats(devices, ({ formerly }) => formerly?.toLowerCase()).map(([{ path, value }, first]) =>
    yaml.error(
      [...path, 'formerly'],
      `"${value.formerly}" is given as the former name of ${first.value.name ?? 'another device'}, too; one history cannot go on in two devices.`,
    ),
  );
  return [...taken, ...twice];
}

function profileNames(yaml: YamlFile, { devices, profiles }: FileContents): Problem[] {
  return devices.flatMap(({ path, value }) =>
    (value.profiles ?? []).flatMap((name, index, all) => {
      const where = [...path, 'profiles', index];
      if (!profiles.has(name)) return [yaml.error(where, noSuch('profile', name, [...profiles.keys()]))];
      if (all.indexOf(name) < index) return [yaml.error(where, `the profile "${name}" is named twice.`)];
      return [];
    }),
  );
}

function credentialNames(yaml: YamlFile, contents: FileContents, chosen: LayerChoice): Problem[] {
  const { credentials, defaults, profiles, devices } = contents;
  const problems = layersOf(contents).flatMap(({ path, value }) =>
    value.credentials === undefined || credentials.has(value.credentials)
      ? []
      : [
          yaml.error(
            [...path, 'credentials'],
            noSuch('credential', value.credentials, [...credentials.keys()]),
          ),
        ],
  );
  if (defaults.value.credentials !== undefined || isWritten(yaml, defaults.path, 'credentials'))
    return problems;
  for (const device of devices) {
    const { path, value } = device;
    const named = (value.profiles ?? []).map((name): FilePath => profiles.get(name)?.path ?? []);
    const layers = [path, ...named, ...(chosen.get(device) ?? []).map((layer) => layer.path)];
    if (layers.some((layer) => layer.length > 0 && isWritten(yaml, layer, 'credentials'))) continue;
    problems.push(
      yaml.error(
        path,
        `${value.name ?? 'this device'} has no credentials; write "credentials: NAME" under defaults, a layer, a profile or the device.`,
      ),
    );
  }
  return problems;
}

/** Whether the layer says something there, right or wrong; what is wrong has been reported. */
function isWritten(yaml: YamlFile, path: FilePath, key: string): boolean {
  return nodeAt(yaml.root, [...path, key]) !== undefined;
}

function noSuch(what: string, name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  const list = known.length === 0 ? ` There is nothing under ${what}s.` : ` There are: ${known.join(', ')}.`;
  return `there is no ${what} "${name}".${near === '' ? list : near}`;
}

function unused(yaml: YamlFile, contents: FileContents): Problem[] {
  const named = new Set(contents.devices.flatMap(({ value }) => value.profiles ?? []));
  const loggedIn = new Set(layersOf(contents).map(({ value }) => value.credentials));
  const spare = (path: FilePath, message: string): Problem => ({
    ...yaml.keyError(path, message),
    severity: 'warning',
  });
  return [
    ...[...contents.profiles]
      .filter(([name]) => !named.has(name))
      .map(([name, { path }]) => spare(path, `no device has the profile "${name}".`)),
    ...[...contents.credentials]
      .filter(([name]) => !loggedIn.has(name))
      .map(([name, { path }]) => spare(path, `nothing uses the credential "${name}".`)),
  ];
}

function insecure(yaml: YamlFile, contents: FileContents): Problem[] {
  return layersOf(contents)
    .filter(({ value }) => value.tls?.mode === 'insecure')
    .map(({ path }) =>
      yaml.warning(
        [...path, 'tls'],
        'with tls: insecure anyone on the network can pose as the device and read the password; pin asks for nothing more.',
      ),
    );
}

function slotsWithoutUrl(yaml: YamlFile, contents: FileContents, daemon: DaemonSection): Problem[] {
  if (daemon.mode !== 'enforce' || daemon.feedback.publicUrl !== null) return [];
  const layer = layersOf(contents).find(({ value }) => (value.feedback?.expressions ?? []).length > 0);
  if (layer === undefined) return [];
  return [
    yaml.warning(
      [...layer.path, 'feedback', 'expressions'],
      'no device can report this by itself: daemon.feedback.publicUrl is missing, so there is nothing to post to.',
    ),
  ];
}

/** Which software a device runs is not known here, so what only RoomOS 26 takes is a warning; plan and lint know. */
function crowdedSlots(yaml: YamlFile, contents: FileContents): Problem[] {
  const layers = layersOf(contents);
  const slots = Math.max(...layers.map(({ value }) => value.feedback?.slots ?? 1));
  return layers.flatMap(({ path, value }) => {
    const expressions = value.feedback?.expressions ?? [];
    const where = [...path, 'feedback', 'expressions'];
    const never = tooManyExpressions({ expressions, slots }, MOST_EXPRESSIONS);
    if (never !== null) return [yaml.error(where, never)];
    const seldom = tooManyExpressions({ expressions, slots }, SAFE_EXPRESSIONS);
    return seldom === null ? [] : [yaml.warning(where, `before RoomOS 26 ${seldom}`)];
  });
}

function hasEmptyList(yaml: YamlFile): boolean {
  return nodeAt(yaml.root, ['devices'])?.kind === 'list';
}
