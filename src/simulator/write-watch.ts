/** What a device keeps that roomd can read and write. */
export type Store = 'settings' | 'panels' | 'macros' | 'pictures' | 'certificates';

/** A request that reads a store as a whole, or changes something in it. */
export interface Touch {
  readonly store: Store;
  readonly isWrite: boolean;
}

const COMMANDS: readonly { readonly pattern: RegExp; readonly touch: Touch }[] = [
  { pattern: /^UserInterface\/Extensions\/(?:Export|List)$/, touch: { store: 'panels', isWrite: false } },
  {
    pattern: /^UserInterface\/Extensions\/(?:Panel\/(?:Save|Remove|Update)|Set|Clear)$/,
    touch: { store: 'panels', isWrite: true },
  },
  { pattern: /^Macros\/Macro\/Get$/, touch: { store: 'macros', isWrite: false } },
  {
    pattern: /^Macros\/Macro\/(?:Save|Remove|RemoveAll|Rename|Activate|Deactivate)$/,
    touch: { store: 'macros', isWrite: true },
  },
  { pattern: /^UserInterface\/Branding\/Get$/, touch: { store: 'pictures', isWrite: false } },
  {
    pattern: /^UserInterface\/Branding\/(?:Upload|Delete|Clear)$/,
    touch: { store: 'pictures', isWrite: true },
  },
  {
    pattern: /^Security\/Certificates\/\w+\/Show$/,
    touch: { store: 'certificates', isWrite: false },
  },
  {
    pattern: /^Security\/Certificates\/\w+\/(?:Add|Delete|Activate|Deactivate)$/,
    touch: { store: 'certificates', isWrite: true },
  },
];

/** What a method over the websocket touches; null for anything else. */
export function touchOfMethod(method: string): Touch | null {
  if (method === 'xSet') return { store: 'settings', isWrite: true };
  return method.startsWith('xCommand/') ? touchOfCommand(method.slice('xCommand/'.length)) : null;
}

/** The same of a request over HTTPS. */
export function touchOfRequest(method: string, path: string, body: string): Touch | null {
  if (method === 'GET') return path === '/configuration.xml' ? { store: 'settings', isWrite: false } : null;
  if (method !== 'POST' || path !== '/putxml') return null;
  if (/^\s*(?:<\?xml[^>]*>\s*)?<Configuration\b/.test(body)) return { store: 'settings', isWrite: true };
  return touchOfCommand(commandIn(body));
}

/** `UserInterface/Extensions/Panel/Save`: the first names of a Command document, down to an element with text or none. */
function commandIn(body: string): string {
  const inside = body.replace(/^\s*(?:<\?xml[^>]*>\s*)?<Command\b[^>]*>\s*/, '');
  const names: string[] = [];
  const opening = /<(\w+)(?:\s[^>]*?)?(\/?)>\s*/y;
  for (let match = opening.exec(inside); match !== null; match = opening.exec(inside)) {
    names.push(match[1] ?? '');
    if (match[2] === '/' || touchOfCommand(names.join('/')) !== null) break;
  }
  return names.join('/');
}

function touchOfCommand(path: string): Touch | null {
  return COMMANDS.find(({ pattern }) => pattern.test(path))?.touch ?? null;
}
