import type { Device } from '../xapi/device.ts';

type Asked = Pick<Device, 'identify' | 'readConfiguration' | 'writeConfiguration'>;

/** The device with some of what is asked of it answered otherwise. */
export function throughDevice(device: Device, changes: Partial<Asked>): Device {
  return {
    get address() {
      return device.address;
    },
    session: () => device.session(),
    identify: (options) => device.identify(options),
    readConfiguration: (options) => device.readConfiguration(options),
    readValueSpaces: (options) => device.readValueSpaces(options),
    readStatus: (path, options) => device.readStatus(path, options),
    writeConfiguration: (settings, options) => device.writeConfiguration(settings, options),
    command: (path, args, options) => device.command(path, args, options),
    subscribe: (listen) => device.subscribe(listen),
    ...changes,
  };
}
