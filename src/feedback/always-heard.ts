/**
 * What every session listens to besides the slot's expressions: presence and
 * sensors, calls, peripherals, Diagnostics, drift, restarts, bookings, and
 * what people touch on the device.
 */
export const ALWAYS_HEARD: readonly string[] = [
  '/Status/RoomAnalytics',
  '/Status/Standby',
  '/Status/Call',
  '/Status/Peripherals/ConnectedDevice',
  '/Status/Diagnostics',
  '/Status/SystemUnit/Software/Version',
  '/Configuration',
  '/Event/BootEvent',
  '/Event/Bookings',
  '/Event/CallDisconnect',
  '/Event/CallSuccessful',
  '/Event/IncomingCallIndication',
  '/Event/OutgoingCallIndication',
  '/Event/UserInterface/Extensions',
  '/Event/UserInterface/Message/Prompt/Response',
  '/Event/UserInterface/Message/Prompt/Cleared',
];
