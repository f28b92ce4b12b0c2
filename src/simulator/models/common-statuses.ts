/** Statuses and events that every built-in model has. In the notation of `notation.ts`. */
export const STATUSES = `
Audio
  Microphones.Mute On|Off
  Microphones.NoiseRemoval On|Off
  Volume int
  VolumeMute On|Off

Bookings
  Availability.Status Free|FreeUntil|BookedUntil
  Availability.TimeStamp text
  Current.Id text

Call[n]
  AnswerState Answered|Autoanswered|Ignored|Unanswered
  CallbackNumber text
  CallType Audio|AudioCanEscalate|ForwardAllCall|Unknown|Video
  DeviceType Endpoint|MCU
  Direction Incoming|Outgoing
  DisplayName text
  Duration int
  Encryption.Type text
  Protocol Unknown|H323|SIP|Spark|WebRTC|App
  ReceiveCallRate int
  RemoteNumber text
  Status Connected|Connecting|Dialling|Disconnecting|EarlyMedia|Idle|OnHold|Preserved|RemotePreserved|Ringing
  TransmitCallRate int

Conference
  ActiveSpeaker.CallId int
  Call[n].BookingId text
  Call[n].MicrophonesMuted True|False
  DoNotDisturb Active|Inactive
  Presentation.Mode Off|Receiving|Sending
  Presentation.CallId int
  Presentation.LocalInstance[n].SendingMode LocalOnly|LocalRemote|Off
  Presentation.LocalInstance[n].Source int

Diagnostics.Message[n]
  Description text
  Level Critical|Error|Warning|Info
  References text
  Type text

HttpFeedback[n]
  Expression[n] text
  Format text
  Status OK|Failed
  URL text

Network[n]
  DNS.Domain.Name text
  DNS.Server[n].Address text
  Ethernet.MacAddress text
  Ethernet.Speed text
  IPv4.Address text
  IPv4.Gateway text
  IPv4.SubnetMask text
  IPv6.Address text

NetworkServices.NTP
  CurrentAddress text
  Server[n].Address text
  Status Discarded|Synced|NotSynced|Unknown|Off

Peripherals.ConnectedDevice[n]
  HardwareInfo text
  ID text
  Location NotSet|InsideRoom|OutsideRoom
  Name text
  NetworkAddress text
  RoomAnalytics.AirQuality.Index text
  RoomAnalytics.AmbientTemperature text
  RoomAnalytics.RelativeHumidity int
  SerialNumber text
  SoftwareInfo text
  Status Connected|ResponseTimedOut|Unpairing|LostConnection
  Type AudioAmplifier|AudioMicrophone|Byod|Camera|ControlSystem|Other|RoomScheduler|TouchPanel
  UpgradeStatus Downloading|Failed|Installing|InstallationReady|None|Succeeded|Rebooting

Provisioning
  Status AuthenticationFailed|ConfigError|Failed|Idle|NeedConfig|Provisioning|Provisioned
  Software.UpgradeStatus.LastChange text
  Software.UpgradeStatus.Message text
  Software.UpgradeStatus.Status Failed|InProgress|InstallationFailed|None|Succeeded

RoomAnalytics
  AmbientNoise.Level.A int
  PeopleCount.Capacity int
  PeopleCount.Current int
  PeoplePresence Yes|No|Unknown
  RoomInUse True|False
  Sound.Level.A int
  T3Alarm.Detected True|False
  UltrasoundPresence Yes|No|Unknown

SIP.Registration[n]
  Reason text
  Status Deregister|Failed|Inactive|Registered|Registering
  URI text

Standby.State Standby|EnteringStandby|Halfwake|Off

SystemUnit
  BroadcastName text
  Hardware.MainBoard.Revision text
  Hardware.Module.CompatibilityLevel text
  Hardware.Module.SerialNumber text
  Hardware.Monitoring.Fan[n].Status text
  Hardware.Monitoring.Temperature.Status Unknown|Normal|High|Critical
  LastShutdownReason FirstBoot|Unknown|Restart|Shutdown|Upgrade|FactoryReset|Standby
  LastShutdownTime text
  Notifications.Notification[n].Text text
  Notifications.Notification[n].Type Other|RebootRequired|SoftwareUpgradeFailed|SoftwareUpgradeOK
  ProductId text
  ProductPlatform text
  ProductType text
  Software.DisplayName text
  Software.Name text
  Software.ReleaseDate text
  Software.Version text
  State.NumberOfActiveCalls int
  State.NumberOfInProgressCalls int
  State.NumberOfSuspendedCalls int
  State.Subsystem.Application Initialized|Initializing
  State.System Initialized|InCall|Initializing|Multisite|Sleeping
  Uptime int

Time.SystemTime text

UserInterface
  ContactInfo.ContactMethod[n].Number text
  ContactInfo.Name text
  Branding.CustomId.Background text
  Branding.CustomId.Branding text
  Branding.CustomId.HalfwakeBackground text
  Branding.CustomId.HalfwakeBranding text
  Extensions.Widget[n].Value text
  Extensions.Widget[n].WidgetId text
  WebView[n].Status Visible|Error|NotVisible
  WebView[n].URL text

Video.Input
  MainVideoMute On|Off
  MainVideoSource 1|2|3|4|5|6
  Connector[n].Connected False|True|Unknown
  Connector[n].SignalState OK|Unstable|NotFound|DetectingFormat|Unknown|Unsupported
  Connector[n].SourceId int
  Connector[n].Type Camera|USBC-DP|HDMI|USB|Ethernet|Unused|Unknown
Video.Output.Connector[n]
  Connected False|True|Unknown
  ConnectedDevice.Name text
  MonitorRole First|InternalSetup|PresentationOnly|Recorder|Second|Third
  Resolution.Height int
  Resolution.RefreshRate int
  Resolution.Width int
  Type HDMI|LCD
Video.Selfview
  FullscreenMode On|Off
  Mode On|Off
  PIPPosition CenterLeft|CenterRight|LowerLeft|LowerRight|UpperCenter|UpperLeft|UpperRight

Webex.Status Disabled|Error|Registered|Registering|Stopped
`;

export const EVENTS = `
Audio.MicrophonesMuteStatus
Bookings
  Deleted
  End
  Start
  TimeRemaining
  Updated
BootEvent
CallDisconnect
CallHistory.Updated
CallSuccessful
IncomingCallIndication
Macros
  Log
  Macro.Activated
  Macro.Deactivated
  Macro.Removed
  Macro.Saved
  Runtime.Ready
  Runtime.Reloaded
  Runtime.Reloading
Message.Send
OutgoingCallIndication
PresentationStarted
PresentationStopped
RoomReset.Reset
RoomReset.SecondsToReset
Shutdown
SoftwareUpgrade
Standby.Reset
Standby.SecondsToStandby
UserInterface
  Branding.Updated
  Extensions.Page.Action
  Extensions.Panel.Clicked
  Extensions.Panel.Close
  Extensions.Panel.Open
  Extensions.Widget.Action
  Extensions.Widget.LayoutUpdated
  Message.Alert.Cleared
  Message.Alert.Display
  Message.Prompt.Cleared
  Message.Prompt.Display
  Message.Prompt.Response
  Message.TextLine.Cleared
  Message.TextLine.Display
`;
