import { dirname, resolve } from 'node:path';
import pLimit from 'p-limit';
import { Secret } from '../../lib/secret.ts';
import type { Limits } from '../daemon-schema.ts';
import type { FleetFiles } from '../file/fleet-files.ts';
import type { FilePath } from '../file/tree.ts';
import type { YamlFile } from '../file/yaml-file.ts';
import type {
  DesiredBranding,
  DesiredCertificate,
  DesiredDeviceMacro,
  DesiredPanel,
  DesiredSoftware,
} from '../fleet.ts';
import { Wrong } from '../forms.ts';
import { type Place, type Problem, placeSeenFrom } from '../problem.ts';
import { type Entry, type FileContents, layerNames } from '../read-contents.ts';
import type { Layer } from '../schema.ts';
import { judgeDates, readCertificates, readPrivateKey } from './certificate.ts';
import { ContentFiles, Unreadable } from './content-files.ts';
import { macroNameOf, readMacroSource, wrongInMacroName } from './device-macro.ts';
import { readImage } from './image.ts';
import type { LayerContent } from './layer-content.ts';
import { readPanel } from './panel.ts';

interface ContentOptions {
  readonly files: FleetFiles;
  /** UTC milliseconds; certificates are judged by it. */
  readonly now: number;
  /** How a private key that cannot be read is reported; its certificate is left out. */
  readonly missingSecrets: Problem['severity'];
}

const MOST_OPEN_FILES = 16;
const LARGEST_PEM = 1024 * 1024;

/** What the layers put onto devices, read from its files and checked; layers that name nothing are left out. */
export async function readContent(
  yaml: YamlFile,
  contents: FileContents,
  options: ContentOptions,
): Promise<{
  contents: ReadonlyMap<Entry<Layer>, LayerContent>;
  problems: readonly Problem[];
  sources: readonly string[];
}> {
  const reader = new ContentReader(yaml, { ...options, limits: contents.daemon.limits });
  const limit = pLimit(MOST_OPEN_FILES);
  const layers: [string, Entry<Layer>][] = [...layerNames(contents)].map(([entry, name]) => [name, entry]);
  for (const device of contents.devices) layers.push([`device ${device.value.name ?? ''}`, device]);
  const read = await Promise.all(
    layers
      .filter(([, { value }]) => namesContent(value))
      .map(([name, entry]) => limit(async () => [entry, await reader.layer(name, entry)] as const)),
  );
  return { contents: new Map(read), problems: reader.problems, sources: reader.sources };
}

function namesContent(value: Partial<Layer>): boolean {
  return [
    value.panels,
    value.deviceMacros,
    value.branding,
    value.certificates,
    value.software,
    value.prune,
  ].some((part) => part !== undefined);
}

const BRANDING_TYPES = {
  background: 'Background',
  logo: 'Branding',
  halfwakeBackground: 'HalfwakeBackground',
  halfwakeLogo: 'HalfwakeBranding',
} as const satisfies Record<string, DesiredBranding['type']>;

/** A file that a line of the fleet file names. */
interface Named {
  readonly file: string;
  /** Where the line stands. */
  readonly path: FilePath;
  /** `the panel panels/help.xml of profile boardroom`. */
  readonly what: string;
  readonly isSecret?: boolean;
}

class ContentReader {
  readonly problems: Problem[] = [];
  readonly #yaml: YamlFile;
  readonly #options: ContentOptions & { readonly limits: Limits };
  readonly #files: ContentFiles;

  constructor(yaml: YamlFile, options: ContentOptions & { readonly limits: Limits }) {
    this.#yaml = yaml;
    this.#options = options;
    this.#files = new ContentFiles(options.files);
  }

  get sources(): readonly string[] {
    return this.#files.sources;
  }

  async layer(layer: string, { path, value }: Entry<Layer>): Promise<LayerContent> {
    return {
      panels: await this.#panels(layer, path, value),
      deviceMacros: await this.#deviceMacros(layer, path, value),
      branding: await this.#branding(layer, path, value),
      authorities: await this.#authorities(layer, path, value),
      service: await this.#service(layer, path, value),
      software: this.#software(path, value),
      prune: value.prune ?? null,
    };
  }

  async #panels(layer: string, path: FilePath, { panels = [] }: Partial<Layer>) {
    const found = new Map<string, DesiredPanel>();
    for (const [index, file] of panels.entries()) {
      const named = { file, path: [...path, 'panels', index], what: `the panel ${file} of ${layer}` };
      const read = await this.#file(named, readPanel, this.#options.limits.panel);
      if (read === null) continue;
      this.#add(found, read.id, { ...read, place: this.#place(named) }, named, `the panel "${read.id}"`);
    }
    return found;
  }

  async #deviceMacros(layer: string, path: FilePath, { deviceMacros = [] }: Partial<Layer>) {
    const found = new Map<string, DesiredDeviceMacro>();
    for (const [index, written] of deviceMacros.entries()) {
      const {
        file,
        name = macroNameOf(file),
        active = true,
      } = typeof written === 'string' ? { file: written } : written;
      const own = [...path, 'deviceMacros', index];
      const named = {
        file,
        path: typeof written === 'string' ? own : [...own, 'file'],
        what: `the device macro ${file} of ${layer}`,
      };
      const source = await this.#file(named, readMacroSource, this.#options.limits.deviceMacro);
      const wrong = wrongInMacroName(name);
      if (wrong !== null) this.#error(named, wrong);
      if (source === null || wrong !== null) continue;
      const macro = { name, source, active, place: this.#place(named) };
      this.#add(found, name, macro, named, `the device macro "${name}"`);
    }
    return found;
  }

  async #branding(layer: string, path: FilePath, { branding = {} }: Partial<Layer>) {
    const found = new Map<string, DesiredBranding>();
    for (const [key, type] of Object.entries(BRANDING_TYPES)) {
      const file = branding[key as keyof typeof BRANDING_TYPES];
      if (file === undefined) continue;
      const named = { file, path: [...path, 'branding', key], what: `the picture ${file} of ${layer}` };
      const base64 = await this.#file(named, readImage, this.#options.limits.image);
      if (base64 !== null) found.set(type, { type, base64, place: this.#place(named) });
    }
    return found;
  }

  async #authorities(layer: string, path: FilePath, { certificates }: Partial<Layer>) {
    const found = new Map<string, DesiredCertificate>();
    for (const [index, file] of (certificates?.ca ?? []).entries()) {
      const named = {
        file,
        path: [...path, 'certificates', 'ca', index],
        what: `the certificate ${file} of ${layer}`,
      };
      for (const certificate of (await this.#file(named, readCertificates, LARGEST_PEM)) ?? []) {
        this.#judgeDates(named, certificate);
        const { pem, fingerprint256, expiresAt } = certificate;
        const wanted = {
          kind: 'ca',
          pem,
          fingerprint256,
          expiresAt,
          purposes: [],
          place: this.#place(named),
        } as const;
        this.#add(found, fingerprint256, wanted, named, `the certificate ${fingerprint256.slice(0, 11)}…`);
      }
    }
    return found;
  }

  async #service(layer: string, path: FilePath, { certificates }: Partial<Layer>) {
    const found: DesiredCertificate[] = [];
    const purposesTaken = new Map<string, Place>();
    for (const [index, { cert, key, purposes }] of (certificates?.service ?? []).entries()) {
      const own = [...path, 'certificates', 'service', index];
      const named = { file: cert, path: [...own, 'cert'], what: `the certificate ${cert} of ${layer}` };
      const keyNamed = {
        file: key,
        path: [...own, 'key'],
        what: `the private key ${key} of ${layer}`,
        isSecret: true,
      };
      const chain = await this.#file(named, readCertificates, LARGEST_PEM);
      const privateKey = await this.#file(keyNamed, readPrivateKey, LARGEST_PEM);
      for (const [number, purpose] of purposes.entries()) {
        const at: Named = { ...named, path: [...own, 'purposes', number] };
        const first = purposesTaken.get(purpose);
        if (first !== undefined)
          this.#error(
            at,
            `serves ${purpose}, and so does the one ${placeSeenFrom(first, this.#place(at))}; keep one.`,
          );
        purposesTaken.set(purpose, this.#place(at));
      }
      const [leaf] = chain ?? [];
      if (leaf !== undefined) this.#judgeDates(named, leaf);
      if (chain === null || leaf === undefined || privateKey === null) continue;
      if (!leaf.x509.checkPrivateKey(privateKey.key)) {
        this.#error(
          keyNamed,
          `does not belong to the certificate ${cert}; name the key that it was made with.`,
        );
        continue;
      }
      const pem = new Secret([...chain.map((one) => one.pem), privateKey.pem].join(''));
      const { fingerprint256, expiresAt } = leaf;
      found.push({ kind: 'service', pem, fingerprint256, expiresAt, purposes, place: this.#place(named) });
    }
    return found;
  }

  #software(path: FilePath, { software }: Partial<Layer>): DesiredSoftware | null {
    if (software === undefined) return null;
    const place = this.#yaml.locate([...path, 'software', 'version']);
    return { version: software.version, url: software.url ?? null, place };
  }

  #add<Value extends { place: Place }>(
    found: Map<string, Value>,
    id: string,
    value: Value,
    named: Named,
    what: string,
  ): void {
    const first = found.get(id);
    if (first === undefined) found.set(id, value);
    else
      this.#error(
        named,
        `is ${what}, which is named ${placeSeenFrom(first.place, value.place)}, too; keep one of the two, or give them different ids.`,
      );
  }

  #judgeDates(named: Named, certificate: Parameters<typeof judgeDates>[0]): void {
    const judged = judgeDates(certificate, this.#options.now);
    if (judged !== null) this.#report(judged.severity, named, judged.message);
  }

  /** What a file holds, null where that is wrong, which is reported at every line that names it. */
  async #file<Value>(
    named: Named,
    parse: (bytes: Uint8Array) => Value | Wrong,
    mostBytes: number,
  ): Promise<Value | null> {
    const path = resolve(dirname(this.#place(named).file), named.file);
    const value = await this.#files.read(path, parse, mostBytes);
    if (!(value instanceof Wrong)) return value;
    const isMissingSecret = named.isSecret === true && value instanceof Unreadable;
    this.#report(isMissingSecret ? this.#options.missingSecrets : 'error', named, value.message);
    return null;
  }

  #place({ path }: Named): Place {
    return this.#yaml.locate(path);
  }

  #error(named: Named, message: string): void {
    this.#report('error', named, message);
  }

  #report(severity: Problem['severity'], { path, what }: Named, message: string): void {
    this.problems.push({ ...this.#yaml.error(path, `${what} ${message}`), severity });
  }
}
