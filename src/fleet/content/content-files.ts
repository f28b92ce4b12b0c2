import { type FleetFiles, whyUnreadable } from '../file/fleet-files.ts';
import { Wrong } from '../forms.ts';

/** A file that is not there, or not for roomd. */
export class Unreadable extends Wrong {}

type Parse<Value> = (bytes: Uint8Array) => Value | Wrong;

/** Files that layers put onto devices; layers share them, so each is read and parsed once. */
export class ContentFiles {
  readonly #files: FleetFiles;
  /** Parser → absolute path → what it made of the file. */
  readonly #parsed = new Map<unknown, Map<string, Promise<unknown>>>();
  readonly #sources = new Set<string>();

  constructor(files: FleetFiles) {
    this.#files = files;
  }

  /** Absolute paths of the files that were read or looked for. */
  get sources(): readonly string[] {
    return [...this.#sources];
  }

  read<Value>(path: string, parse: Parse<Value>, mostBytes: number): Promise<Value | Wrong> {
    const parsed = this.#parsed.get(parse) ?? new Map<string, Promise<unknown>>();
    this.#parsed.set(parse, parsed);
    // What is kept under a parser is what that very parser returned.
    const known = parsed.get(path) as Promise<Value | Wrong> | undefined;
    const reading = known ?? this.#parse(path, parse, mostBytes);
    parsed.set(path, reading);
    return reading;
  }

  async #parse<Value>(path: string, parse: Parse<Value>, mostBytes: number): Promise<Value | Wrong> {
    this.#sources.add(path);
    let bytes: Uint8Array;
    try {
      bytes = await this.#files.read(path);
    } catch (error) {
      return new Unreadable(`cannot be read: ${whyUnreadable(error)} (${path}).`);
    }
    if (bytes.byteLength <= mostBytes) return parse(bytes);
    return new Wrong(
      `has ${bytes.byteLength} bytes, and ${mostBytes} are the limit; make it smaller (daemon.limits holds the limits).`,
    );
  }
}
