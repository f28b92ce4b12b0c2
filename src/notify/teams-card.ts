import { splitMarkdown } from '../integrations/webex-messaging/split-markdown.ts';
import { type Message, subjectOf } from './notifier.ts';

/** A message has at most 28 KB with everything around the card; JSON writes some characters as two. */
const MOST_MARKDOWN_BYTES = 10_000;

interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly weight?: 'Bolder';
  readonly fontType?: 'Monospace';
}

/**
 * The document that a Teams workflow takes: a message with one Adaptive Card
 * (the vendor's documentation of Workflows webhooks). What does not fit is
 * left out, and the card says so.
 */
export function teamsDocument(message: Message): object {
  const [shown = '', ...rest] = splitMarkdown(message.markdown, MOST_MARKDOWN_BYTES);
  const blocks = blocksOf(shown);
  const { alert } = message;
  const where = alert === undefined ? '' : `; roomd alerts show ${alert.id} has everything`;
  if (rest.length > 0) blocks.push(textBlock(`_Shortened, as it is too long for Teams${where}._`));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: subjectOf(message),
    msteams: { width: 'Full' },
    body: alert === undefined ? blocks : [{ type: 'Container', style: styleOf(alert), items: blocks }],
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return { type: 'message', attachments: [attachment] };
}

function styleOf({ state, severity }: NonNullable<Message['alert']>): string {
  if (state === 'resolved') return 'good';
  return { info: 'accent', warning: 'warning', critical: 'attention' }[severity];
}

/**
 * Cards know bold, italic, lists and links. Headings and code become blocks
 * of their own, marks of quotes and code go, a picture becomes a link.
 */
function blocksOf(markdown: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let code: string[] | null = null;
  const end = (): void => {
    if (lines.length > 0) blocks.push(textBlock(lines.map(inline).join('\n')));
    if (code !== null && code.length > 0) blocks.push(codeBlock(code));
    lines = [];
  };
  for (const line of markdown.split('\n')) {
    const isFence = /^ {0,3}(?:```|~~~)/.test(line);
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (isFence) {
      end();
      code = code === null ? [] : null;
    } else if (code !== null) code.push(line);
    else if (line.trim() === '') end();
    else if (heading === undefined) lines.push(line);
    else {
      end();
      blocks.push({ ...textBlock(inline(heading)), weight: 'Bolder' });
    }
  }
  end();
  return blocks;
}

function textBlock(text: string): TextBlock {
  return { type: 'TextBlock', text, wrap: true };
}

/** A line of its own takes an empty one before it. */
function codeBlock(lines: readonly string[]): TextBlock {
  return { ...textBlock(lines.map(literal).join('\n\n')), fontType: 'Monospace' };
}

function inline(line: string): string {
  const unquoted = line.replace(/^ {0,3}(?:> ?)+/, '').replaceAll(/!\[([^\]]*)\]\(/g, '[$1](');
  return unquoted.replaceAll(/(`+)(.+?)\1/g, (_, _marks: string, code: string) => literal(code.trim()));
}

function literal(text: string): string {
  return text.replaceAll(/[\\*_[\]]/g, (character) => `\\${character}`);
}
