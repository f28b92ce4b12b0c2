import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { AcceptedSetting } from '../../schema/accepted-setting.ts';
import { packSettings, unpackSettings } from '../../schema/packed-settings.ts';
import { expandPattern, parsePattern } from '../../schema/path-pattern.ts';
import type { ValueSpace } from '../../schema/product-schema.ts';
import type { Database } from '../../storage/database.ts';
import type { ProductSchemaTable } from '../../storage/tables/devices.ts';
import type { ConfigurationDocument, DeviceIdentity, DeviceValueSpace } from '../../xapi/device.ts';
import { pathKey } from '../../xapi/path.ts';
import { VendorWord } from './acceptance.ts';
import { settingsOfDevice, widened } from './from-device.ts';
import { Library, type Volume } from './library.ts';
import { digestOf, type PackedProduct } from './vendor-volumes.ts';

/** What is stored of one product, without its content. */
export type StoredProduct = Omit<ProductSchemaTable, 'content' | 'digest'>;

type ContentKey = Pick<ProductSchemaTable, 'source' | 'product' | 'software'>;

/** Devices of a kind differ by their peripherals. */
const MOST_SHAPES = 1_000;

type Learnt = Map<string, ValueSpace | null>;

/** What products accept, in the database: learnt from devices, imported from the vendor's files. */
export class KnowledgeStore {
  readonly #database: Database;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #mutex = new KeyedMutex();
  /** Product and software → what is on record as read from devices, by the keys of the paths. */
  readonly #learnt = new Map<string, Promise<Learnt>>();
  /** Product, software and shape of documents that teach nothing new. */
  readonly #exhausted = new Set<string>();
  /** Product and software → what the vendor says, as it was asked first since the last import. */
  readonly #words = new Map<string, Promise<VendorWord | null>>();

  constructor({ database, clock }: { database: Database; clock: Pick<Clock, 'now'> }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Everything that is on record, by source, product and software. */
  async list(options: AbortOptions = {}): Promise<StoredProduct[]> {
    return this.#database.read<StoredProduct>(
      this.#database.query
        .selectFrom('product_schema')
        .select(['source', 'product', 'software', 'origin', 'settings', 'at'])
        .orderBy('source')
        .orderBy('software')
        .orderBy('product'),
      options,
    );
  }

  /** What is on record now, to ask; contents are read when they are needed. `more` comes after what is stored. */
  async library(more: readonly Volume[] = [], options: AbortOptions = {}): Promise<Library> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom('product_schema').select(['source', 'product', 'software', 'digest']),
      options,
    );
    return new Library([...rows.map((row): Volume => ({ ...row, load: () => this.#content(row) })), ...more]);
  }

  /** Stores products of a vendor's file; what was imported before for the same product and software is replaced. */
  async importVendor(products: readonly PackedProduct[], origin: string): Promise<void> {
    await this.#put('vendor', origin, products);
    this.#words.clear();
  }

  /** The vendor's word on exactly this product and software; null where no schema file describes it. Read once, until something is imported. */
  vendorWord(product: string, software: string): Promise<VendorWord | null> {
    const key = `${product}\n${software}`;
    const reading = this.#words.get(key) ?? this.#readWord(product, software);
    this.#words.set(key, reading);
    reading.catch(() => this.#words.delete(key));
    return reading;
  }

  /**
   * Takes in what a device told at a plan. A document like one that was taken
   * in before costs nothing, any other one a look at each path. Written is what
   * no device of the kind showed before (it comes with peripherals), and what
   * this one takes otherwise: some products come in variants that say the same
   * of themselves, and then only what none of them takes is refused.
   */
  async learn(
    { product, software, serial }: Pick<DeviceIdentity, 'product' | 'software' | 'serial'>,
    document: Pick<ConfigurationDocument, 'leaves' | 'valueSpaceRefs'> &
      Partial<Pick<ConfigurationDocument, 'shape'>>,
    spaces: ReadonlyMap<string, DeviceValueSpace>,
  ): Promise<void> {
    // A device that serves no value spaces would hide what the vendor's file says.
    if (spaces.size === 0 || product === '') return;
    const key = `${product}\n${software}`;
    const like = document.shape ? `${key}\n${document.shape}` : null;
    if (like !== null && this.#exhausted.has(like)) return;
    // One at a time: each adds to what the one before stored.
    await this.#mutex.run(key, async () => {
      // Those that waited here were mostly like the one before.
      if (like !== null && this.#exhausted.has(like)) return;
      const of = { source: 'device', product, software } as const;
      const known = await this.#known(key, of);
      const fresh = newTo(known, document, spaces);
      if (fresh.length > 0) {
        const settings = [...(await this.#content(of)), ...fresh];
        const content = packSettings(settings);
        await this.#put('device', serial, [{ product, software, settings: settings.length, content }]);
        remember(known, fresh);
      }
      if (this.#exhausted.size >= MOST_SHAPES) this.#exhausted.clear();
      if (like !== null) this.#exhausted.add(like);
    });
  }

  async #readWord(product: string, software: string): Promise<VendorWord | null> {
    const variants = await (await this.library()).vendorOf(product, software);
    return variants.length === 0 ? null : new VendorWord(variants);
  }

  #known(key: string, of: ContentKey): Promise<Learnt> {
    const reading =
      this.#learnt.get(key) ?? this.#content(of).then((settings) => remember(new Map(), settings));
    this.#learnt.set(key, reading);
    reading.catch(() => this.#learnt.delete(key));
    return reading;
  }

  async #content(of: ContentKey): Promise<AcceptedSetting[]> {
    const [row] = await this.#database.read(
      this.#database.query
        .selectFrom('product_schema')
        .select('content')
        .where('source', '=', of.source)
        .where('product', '=', of.product)
        .where('software', '=', of.software),
    );
    return row === undefined ? [] : unpackSettings(row.content);
  }

  async #put(
    source: ProductSchemaTable['source'],
    origin: string,
    products: readonly PackedProduct[],
  ): Promise<void> {
    const at = this.#clock.now();
    await this.#database.write(
      products.map(({ product, software, settings, content }) => {
        const said = { origin, settings, content, digest: digestOf(content), at };
        return this.#database.query
          .insertInto('product_schema')
          .values({ source, product, software, ...said })
          .onConflict((conflict) => conflict.columns(['source', 'product', 'software']).doUpdateSet(said));
      }),
    );
  }
}

/** What a document adds to what is known: settings that are new, and those that are taken otherwise here, as wide as both. */
function newTo(
  known: Learnt,
  { leaves, valueSpaceRefs }: Pick<ConfigurationDocument, 'leaves' | 'valueSpaceRefs'>,
  spaces: ReadonlyMap<string, DeviceValueSpace>,
): AcceptedSetting[] {
  const fresh = new Map([...leaves].filter(([path]) => !known.has(pathKey(path))));
  const otherwise: AcceptedSetting[] = [];
  for (const setting of settingsOfDevice({ leaves, valueSpaceRefs }, spaces)) {
    for (const { path } of expandPattern(setting.path, 0)) {
      const before = known.get(pathKey(path));
      if (before === undefined || before === null) continue;
      const space = widened(before, setting.space);
      if (JSON.stringify(space) !== JSON.stringify(before))
        otherwise.push({ ...setting, path: parsePattern(path), space });
    }
  }
  return [...settingsOfDevice({ leaves: fresh, valueSpaceRefs }, spaces), ...otherwise];
}

/** Later settings win, as they do in a `PathIndex`. */
function remember(known: Learnt, settings: readonly AcceptedSetting[]): Learnt {
  for (const { path, space } of settings)
    for (const one of expandPattern(path, 0)) known.set(pathKey(one.path), space);
  return known;
}
