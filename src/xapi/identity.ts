import { hostText } from './address.ts';
import type { DeviceAddress, DeviceIdentity, LeafMap } from './device.ts';
import { XapiError } from './errors.ts';

/** Who answers, by the leaves below Status SystemUnit. @throws XapiError `malformed` where it does not say */
export function identityFrom(status: LeafMap): DeviceIdentity {
  const serial = status.get('SystemUnit.Hardware.Module.SerialNumber') ?? '';
  const product = status.get('SystemUnit.ProductId') ?? '';
  const software = status.get('SystemUnit.Software.Version') ?? '';
  if (serial === '' || software === '')
    throw new XapiError(
      'malformed',
      'the device does not tell its serial number and software version below Status SystemUnit; is it starting?',
    );
  return { serial, product, software, systemName: status.get('SystemUnit.BroadcastName') ?? null };
}

/** @throws XapiError `serial-changed` where the device at this address is not the one it is bound to */
export function checkSerial(address: DeviceAddress, identity: DeviceIdentity): void {
  if (address.serial === null || address.serial === identity.serial) return;
  throw new XapiError(
    'serial-changed',
    `the device at ${hostText(address)} has the serial number ${identity.serial}, but ${address.name} is ${address.serial}: nothing is written to it; if the unit was replaced on purpose, run: roomd replace ${address.name}`,
    { details: { expected: address.serial, shown: identity.serial } },
  );
}
