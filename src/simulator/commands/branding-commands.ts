import { createHash } from 'node:crypto';
import type { ContentStores } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import { answer, type CommandCall, type CommandOutcome, type CommandTable, done, failed } from './command.ts';

/** Pictures on the screen: backgrounds and logos, one of each type. */
export function brandingCommands(core: DeviceCore, content: ContentStores): CommandTable {
  return {
    'UserInterface/Branding/Upload': (call) => upload(core, content, call),
    'UserInterface/Branding/Get': ({ args }) => {
      const type = args.text('Type');
      const image = content.branding.get(type);
      if (image === undefined) return failed('No image');
      const isWhole = core.settings.brandingGet === 'as-uploaded' && args.text('Size', 'Large') === 'Large';
      return answer({ Image: isWhole ? image : writtenAnew(image, args.text('Size', 'Large')), Type: type });
    },
    'UserInterface/Branding/Delete': ({ args }) => {
      content.unbrand(args.text('Type'));
      return done;
    },
    'UserInterface/Branding/Clear': () => {
      for (const type of content.branding.keys()) content.unbrand(type);
      return done;
    },
  };
}

function upload(
  { settings }: DeviceCore,
  content: ContentStores,
  { args, body }: CommandCall,
): CommandOutcome {
  if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) return failed('Invalid image');
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length > settings.largestImageBytes) return failed('Image is too large');
  if (settings.checksImages && !isImage(bytes)) return failed('Invalid image');
  content.brand(args.text('Type'), body.trim(), args.text('CustomId'));
  return done;
}

/** The beginnings of the formats that devices take (26.4.1 schema): PNG, JPEG, GIF, BMP. */
function isImage(bytes: Buffer): boolean {
  return ['89504e47', 'ffd8ff', '474946', '424d'].some((magic) =>
    bytes.toString('hex', 0, 4).startsWith(magic),
  );
}

/** Other bytes that are the same for the same picture and size, as an encoder would write them. */
function writtenAnew(base64: string, size: string): string {
  const digest = createHash('sha256').update(`${size}:${base64}`).digest();
  return Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), digest]).toString('base64');
}
