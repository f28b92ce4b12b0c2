import { z } from 'zod';
import { readDownloadUrl, readSoftwareVersion } from './forms.ts';
import { form, words } from './schema-forms.ts';

const file = (description: string, example: string) => words({ description, examples: [example] });

const DeviceMacroFile = z.union(
  [
    file('A file with JavaScript; the macro is named after it.', 'device-macros/lights.js'),
    z.strictObject({
      file: file('A file with JavaScript.', 'device-macros/lights.js'),
      name: words({
        description:
          'The name on the device, of letters, digits, dashes and underscores; that of the file where nothing is said.',
        examples: ['shades'],
      }).optional(),
      active: z
        .boolean({ error: 'write true or false.' })
        .optional()
        .meta({ description: 'false: it is stored on the device and does not run.', default: true }),
    }),
  ],
  { error: 'a file is expected here, or { file: FILE, name: NAME, active: false }.' },
);

/** What a certificate of the device's own is used for: xCommand Security Certificates Services Activate Purpose, in 9.15, 11.27 and 26.4. */
const PURPOSES = [
  '802.1X',
  'Audit',
  'HTTPS',
  'HttpClient',
  'HttpProxy',
  'Pairing',
  'SIP',
  'WebexIdentity',
] as const;

const ServiceCertificate = z.strictObject({
  cert: file('A PEM file: the certificate, and behind it those that vouch for it.', 'certs/room.pem'),
  key: file('A PEM file with its private key, without a passphrase.', 'certs/room.key'),
  purposes: z
    .array(z.enum(PURPOSES))
    .min(1, { error: 'a certificate that serves no purpose is not used; name at least one, such as HTTPS.' })
    .meta({ description: 'What the device uses it for.', examples: [['HTTPS']] }),
});

/** What a layer may put onto devices besides settings. */
export const contentShape = {
  panels: z
    .array(file('A file with <Extensions> that hold one <Panel>.', 'panels/help.xml'))
    .meta({ description: 'Buttons and panels on the touch screen (UI extensions).' }),
  deviceMacros: z.array(DeviceMacroFile).meta({ description: 'JavaScript that runs on the device itself.' }),
  branding: z
    .strictObject({
      background: file('Picture behind everything, PNG or JPEG.', 'images/background.png'),
      logo: file('Logo while the device is awake, PNG or JPEG.', 'images/logo.png'),
      halfwakeBackground: file('Picture while the device is half awake, PNG or JPEG.', 'images/calm.png'),
      halfwakeLogo: file('Logo while the device is half awake, PNG or JPEG.', 'images/logo.png'),
    })
    .partial()
    .meta({ description: 'Wallpaper and logos.' }),
  certificates: z
    .strictObject({
      ca: z.array(file('A PEM file; every certificate in it is added.', 'certs/ca.pem')).meta({
        description: 'PEM files with authorities that the device trusts; every certificate in a file counts.',
      }),
      service: z.array(ServiceCertificate).meta({ description: "The device's own certificates." }),
    })
    .partial()
    .meta({ description: 'Authorities that devices trust, and their own certificates.' }),
  software: z
    .strictObject({
      version: form(readSoftwareVersion, {
        description: 'The version that devices should run.',
        examples: ['26.4.1'],
      }),
      url: form(readDownloadUrl, {
        description: 'Where devices download it from.',
        examples: ['https://files.example.com/roomos-26.4.1.pkg'],
      }).optional(),
    })
    .meta({ description: 'Reported always; an upgrade happens only where it is asked for.' }),
  prune: z.enum(['own', 'all']).meta({
    description:
      'own: what roomd put onto a device goes when the file drops it; all: whatever the file does not name goes.',
    default: 'own',
  }),
};
