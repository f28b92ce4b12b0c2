import type { ManagedStore } from '../fleet/managed-store.ts';
import type { AnyResource } from '../fleet/resource.ts';
import { BrandingResource } from '../fleet/resources/branding.ts';
import { CertificateResource } from '../fleet/resources/certificate.ts';
import type { ConfigurationResource } from '../fleet/resources/configuration.ts';
import { DeviceMacroResource } from '../fleet/resources/device-macro.ts';
import { ShownCertificateResource } from '../fleet/resources/shown-certificate.ts';
import { SoftwareResource } from '../fleet/resources/software.ts';
import { PanelResource } from '../fleet/resources/ui-panel.ts';
import type { Clock } from '../lib/clock.ts';
import type { FleetDevices } from './fleet-devices.ts';

/** Everything that the file can want of a device, in the order in which it is brought there: settings may let the rest work. */
export function makeResources({
  configuration,
  managed,
  devices,
  clock,
}: {
  configuration: ConfigurationResource;
  managed: ManagedStore;
  devices: FleetDevices;
  clock: Clock;
}): readonly AnyResource[] {
  return [
    configuration,
    new CertificateResource({ managed, clock }),
    new PanelResource({ managed }),
    new DeviceMacroResource({ managed }),
    new BrandingResource({ managed }),
    new SoftwareResource(),
    new ShownCertificateResource({
      certificateOf: ({ address }) => devices.certificate(address.name),
      clock,
    }),
  ];
}
