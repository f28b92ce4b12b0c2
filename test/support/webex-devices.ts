import type { WebexDevice } from '../../src/simulator/cloud/webex/state.ts';

/** Device n of the cloud, with the address 127.9.1.n. */
export function cloudDevice(n: number, differing: Partial<WebexDevice> = {}): WebexDevice {
  const digits = (0xaa_00_00_00_00_00 + n).toString(16).toUpperCase();
  return {
    id: `device-${n}`,
    displayName: `Cloud room ${n}`,
    workspaceId: `workspace-${n}`,
    locationId: 'location-oslo',
    product: 'Cisco Board Pro 55',
    type: 'roomdesk',
    tags: ['meeting'],
    connectionStatus: 'connected',
    ip: `127.9.1.${n}`,
    mac: (digits.match(/../g) ?? []).join(':'),
    serial: `FOC${String(n).padStart(8, '0')}`,
    software: 'RoomOS 11.14.2.3',
    upgradeChannel: 'stable',
    devicePlatform: 'cisco',
    lastSeen: new Date().toISOString(),
    ...differing,
  };
}
