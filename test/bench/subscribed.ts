/** What a session of the benchmark listens to: the file's default and what the daemon adds. */
export const EXPRESSIONS = [
  '/Status/RoomAnalytics',
  '/Status/Call',
  '/Status/Standby',
  '/Event/UserInterface/Extensions/Panel/Clicked',
];
