/** Posts as devices send them (captures of an SX80 on ce8.2.2 and the derived JSON form, facts section 3). */
export function xmlPost(tree: 'Status' | 'Event' | 'Configuration', inner: string, serial = 'FTT1'): string {
  return `<?xml version="1.0"?>
<${tree}>
  <Identification>
    <SystemName>Boardroom 1</SystemName>
    <MACAddress>00:50:60:11:22:33</MACAddress>
    <IPAddress>10.0.3.11</IPAddress>
    <IPAddressV6/>
    <IPAddressV6/>
    <ProductType>Cisco Codec</ProductType>
    <ProductID>Cisco Codec Pro</ProductID>
    <SWVersion>ce26.4.1.0a1b2c3</SWVersion>
    <SerialNumber>${serial}</SerialNumber>
  </Identification>
  ${inner}
</${tree}>
`;
}

export function presencePost(presence: string, serial?: string): string {
  return xmlPost(
    'Status',
    `<RoomAnalytics><PeoplePresence>${presence}</PeoplePresence></RoomAnalytics>`,
    serial,
  );
}

export function countPost(count: number): string {
  return xmlPost(
    'Status',
    `<RoomAnalytics><PeopleCount><Current>${count}</Current></PeopleCount></RoomAnalytics>`,
  );
}

export function jsonPost(tree: string, inner: object): string {
  return JSON.stringify({
    [tree]: {
      Identification: {
        SystemName: { Value: 'Boardroom 1' },
        SerialNumber: { Value: 'FTT1' },
        SWVersion: { Value: 'ce26.4.1.0a1b2c3' },
      },
      ...inner,
    },
  });
}
