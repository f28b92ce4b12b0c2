type Json = Record<string, unknown>;

const LEVELS = ['none', 'note', 'warning', 'error'];

/** What in a document breaks SARIF 2.1.0 (OASIS, sections 3.13 to 3.30) or what code hosts ask beyond it, as sentences. */
export function checkSarif(document: unknown): string[] {
  const log = JSON.parse(JSON.stringify(document)) as Json;
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  must(log['version'] === '2.1.0', 'version is 2.1.0');
  must(isUri(log['$schema']), '$schema is a URI');
  const runs = list(log['runs']);
  must(runs.length === 1, 'there is one run');
  for (const run of runs) {
    const driver = (run['tool'] as Json)['driver'] as Json;
    must(isText(driver['name']) && isText(driver['version']), 'the tool has a name and a version');
    const rules = list(driver['rules']);
    const ids = rules.map(({ id }) => id);
    must(new Set(ids).size === ids.length && ids.every(isText), 'rules have ids of their own');
    for (const rule of rules) {
      must(isText((rule['shortDescription'] as Json)['text']), `${String(rule['id'])} says what it is about`);
      must(LEVELS.includes(String((rule['defaultConfiguration'] as Json)['level'])), 'rules have a level');
    }
    must(
      ['utf16CodeUnits', 'unicodeCodePoints'].includes(String(run['columnKind'])),
      'columnKind is a known one',
    );
    const bases = run['originalUriBaseIds'] as Record<string, Json>;
    for (const base of Object.values(bases))
      must(
        isUri(base['uri']) && String(base['uri']).endsWith('/'),
        'a base is an absolute URI that ends with a slash',
      );
    for (const result of list(run['results'])) checkResult(result, { ids, bases, must });
  }
  return wrong;
}

function checkResult(
  result: Json,
  { ids, bases, must }: { ids: unknown[]; bases: object; must: (holds: boolean, what: string) => void },
): void {
  must(ids[Number(result['ruleIndex'])] === result['ruleId'], 'ruleIndex points at ruleId');
  must(LEVELS.includes(String(result['level'])), 'results have a level');
  must(isText((result['message'] as Json)['text']), 'results have a message');
  must(Object.values(result['partialFingerprints'] as Json).every(isText), 'fingerprints are texts');
  const locations = list(result['locations']);
  must(locations.length >= 1, 'a code host shows nothing without a location');
  for (const location of locations) {
    const physical = location['physicalLocation'] as Json;
    const { uri, uriBaseId } = physical['artifactLocation'] as Json;
    must(isText(uri) && !/[ \\]/.test(String(uri)), 'uri is a URI reference');
    must(
      uriBaseId === undefined
        ? isUri(uri)
        : typeof uriBaseId === 'string' && uriBaseId in bases && !isUri(uri),
      'uri is absolute, or relative to a base',
    );
    const { startLine, startColumn } = physical['region'] as Json;
    must(isPosition(startLine) && isPosition(startColumn), 'lines and columns count from 1');
  }
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isUri(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]+:/.test(value) && URL.canParse(value);
}

function isPosition(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}
