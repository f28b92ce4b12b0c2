const SCREEN = `  PeripheralId text 0..128
  Target OSD|RoomScheduler|Controller`;

const BRANDING_TYPE =
  'Background|Branding|SchedulerBranding|SchedulerBackground|HalfwakeBackground|HalfwakeBranding';

const BOOKING_ID = `  Id text 1..128
  MeetingId text 1..128`;

const CERTIFICATE_PURPOSE = '802.1X|HTTPS|Audit|SIP|Pairing|WebexIdentity|HttpClient|HttpProxy';

/** Commands that every built-in model has. In the notation of `notation.ts`. */
export const COMMANDS = `
Audio.Microphones.Mute user
Audio.Microphones.ToggleMute user
Audio.Microphones.Unmute user
Audio.Volume.Decrease user
  Steps int 1..10 = 5
Audio.Volume.Increase user
  Steps int 1..10 = 5
Audio.Volume.Mute user
Audio.Volume.Set user
  Level! int 0..100
Audio.Volume.SetToDefault user
Audio.Volume.Unmute user

Bookings.Book user
  Duration int 1..1440 = 30
  Number text 0..128
  OrganizerName text 0..128
  StartTime text 0..128
  Title text 0..128
Bookings.CheckIn user
${BOOKING_ID}
Bookings.Clear user
Bookings.Delete user
${BOOKING_ID}
Bookings.Extend user
  Duration! int 1..1440
${BOOKING_ID}
Bookings.Get user
${BOOKING_ID}
Bookings.List user
  AccountType Shared|Personal|SharedAndPersonal
  DayOffset int 0..365 = 0
  Days int 1..365
  Limit int 1..65534
  Offset int 0..65534 = 0
  ScheduleType Current|Upcoming
Bookings.Put admin body
Bookings.Respond user
  Comment text 1..2048
  MeetingId! text 1..128
  Type! Accept|Decline

Call.Accept user
  CallId int 0..65534 = 0
Call.Disconnect user
  CallId int 0..65534 = 0
Call.Ignore user
  CallId! int 0..65534
Call.Reject user
  CallId int 0..65534 = 0
CallHistory.Get user
  DetailLevel Basic|Full = Basic
  Filter All|Missed|AnsweredElsewhere|Forwarded|Placed|NoAnswer|Received|Rejected|UnacknowledgedMissed = All
  Limit int 0..65534 = 65534
  Offset int 0..65534 = 0

Conference.DoNotDisturb.Activate user
  Timeout int 1..20160
Conference.DoNotDisturb.Deactivate user

Diagnostics.Run admin
  ResultSet Alerts|All|None = Alerts

Dial user
  BookingId text 0..255 =
  CallRate int 64..20000
  CallType Auto|Audio|Video
  DisplayName text 0..255 =
  Number! text 0..255
  Protocol H323|Sip|Spark
  TrackingData text 0..255 =

HttpFeedback.Deregister admin
  FeedbackSlot! int 1..4
HttpFeedback.Enable admin
  FeedbackSlot! int 1..4
HttpFeedback.Register admin
  Expression*50 text 1..255
  FeedbackSlot! int 1..4
  Format XML|JSON = XML
  ServerUrl! text 1..2048

Macros.Log.Clear admin
Macros.Log.Get admin
  Offset int 0..65534 = 0
Macros.Macro.Activate admin
  Name! text 0..250
Macros.Macro.Deactivate admin
  Name! text 0..250
Macros.Macro.Get admin
  Content False|True = False
  Name text 0..250
Macros.Macro.Remove admin
  Name! text 0..250
Macros.Macro.RemoveAll admin
Macros.Macro.Rename admin
  Name! text 0..250
  NewName! text 0..250
  Overwrite False|True = False
Macros.Macro.Save admin body
  Name! text 0..250
  Overwrite False|True = True
  Transpile False|True = True
Macros.Runtime.Restart admin
Macros.Runtime.Start admin
Macros.Runtime.Status admin
Macros.Runtime.Stop admin

Message.Send
  Text! text 0..8192

Peripherals.Connect user
  HardwareInfo text 0..100 =
  ID! text 1..100
  Name text 0..100 =
  NetworkAddress text 0..100 =
  SerialNumber text 0..100 =
  SoftwareInfo text 0..100 =
  Type! AudioAmplifier|AudioMicrophone|Byod|Camera|ControlSystem|Other|RoomScheduler|TouchPanel
Peripherals.HeartBeat user
  ID! text 1..100
  Timeout int 1..65535 = 60
Peripherals.List
  Connected False|True
  Type All|AudioAmplifier|AudioMicrophone|ControlSystem|Other|TouchPanel = All

Presentation.Start user
  ConnectorId*4 int 1..15
  SendingMode LocalRemote|LocalOnly = LocalRemote
Presentation.Stop user
  Instance 1|2|3|4|5|6

Provisioning.Service.Fetch admin
  Checksum text 0..128
  ChecksumType SHA512| = SHA512
  Mode Add|Replace = Add
  URL! text 0..2048

Security.Certificates.CA.Add admin body
Security.Certificates.CA.Delete admin
  Fingerprint! text 0..128
Security.Certificates.CA.Show user
  Format PEM|Text = Text
Security.Certificates.Services.Activate admin
  Fingerprint! text 0..1024
  Purpose! ${CERTIFICATE_PURPOSE}
Security.Certificates.Services.Add admin body
  PrivateKeyPassword text 0..128 =
Security.Certificates.Services.Deactivate admin
  Fingerprint! text 0..1024
  Purpose! ${CERTIFICATE_PURPOSE}
Security.Certificates.Services.Delete admin
  Fingerprint! text 0..128
Security.Certificates.Services.Show user
  Filter ${CERTIFICATE_PURPOSE}
  FingerprintAlgorithm SHA-1|SHA-256 = SHA-1
  Format PEM|Text = Text
Security.Session.Get user
Security.Session.List admin
Security.Session.Terminate admin
  SessionId! text 0..32

Standby.Activate user
Standby.Deactivate user
Standby.Halfwake
Standby.ResetTimer user
  Delay int 1..480

SystemUnit.Boot user
  Action Restart|Shutdown = Restart
  Force False|True = True
SystemUnit.FactoryReset admin
  Confirm! Yes|
  TrailingAction NoAction|Restart|Shutdown = Restart
SystemUnit.SignInBanner.Clear admin
SystemUnit.SignInBanner.Get user
SystemUnit.SignInBanner.Set admin body
SystemUnit.SoftwareUpgrade admin
  Forced False|True = True
  URL! text 0..1024

Time.DateTime.Get user

UserInterface.Branding.Clear
UserInterface.Branding.Delete user
  Type! ${BRANDING_TYPE}
UserInterface.Branding.Get user
  Size Large|Small|Thumbnail = Large
  Type! ${BRANDING_TYPE}
UserInterface.Branding.Upload user body
  CustomId text 0..256 =
  Type! ${BRANDING_TYPE}
UserInterface.Extensions.Clear
  ActivityType Custom|WebApp|WebWidget
UserInterface.Extensions.Export
  EmbedData On|Off
UserInterface.Extensions.List user
  ActivityType Custom|WebApp|WebWidget
UserInterface.Extensions.Panel.Clicked user
  PanelId! text 0..255
UserInterface.Extensions.Panel.Close user
${SCREEN}
UserInterface.Extensions.Panel.Open user
  PageId text 0..255
  PanelId! text 0..255
${SCREEN}
UserInterface.Extensions.Panel.Remove
  PanelId! text 0..255
UserInterface.Extensions.Panel.Save body
  PanelId! text 1..255
UserInterface.Extensions.Panel.Update user
  Location HomeScreen|CallControls|HomeScreenAndCallControls|ControlPanel|RoomScheduler|Hidden
  Name text 0..255
  PanelId! text 0..255
  Visibility Auto|Hidden
UserInterface.Extensions.Set body
  ConfigId! text 0..40
UserInterface.Extensions.Widget.SetValue
  Value! text 0..255
  WidgetId! text 0..255
UserInterface.Extensions.Widget.UnsetValue
  WidgetId! text 0..255
UserInterface.Message.Alert.Clear user
${SCREEN}
UserInterface.Message.Alert.Display
  Duration int 0..3600 = 0
${SCREEN}
  Text! text 0..255
  Title text 0..255 =
UserInterface.Message.Prompt.Clear user
  FeedbackId text 0..255 =
${SCREEN}
UserInterface.Message.Prompt.Display
  Duration int 0..3600 = 0
  FeedbackId text 0..255
  Option.1 text 0..255
  Option.2 text 0..255
  Option.3 text 0..255
  Option.4 text 0..255
  Option.5 text 0..255
${SCREEN}
  Text! text 0..255
  Title text 0..255 =
UserInterface.Message.Prompt.Response user
  FeedbackId text 0..255 =
  OptionId! int 1..5
UserInterface.Message.TextLine.Clear user
${SCREEN}
UserInterface.Message.TextLine.Display
  Duration int 0..3600 = 0
${SCREEN}
  Text! text 0..140
  X int 1..10000 = 0
  Y int 1..10000 = 0

UserManagement.User.Add admin
  Passphrase! text 0..255
  Role!*255 Admin|Audit|User|Integrator|RoomControl
  Username! text 0..127
UserManagement.User.Delete admin
  Username! text 0..127
UserManagement.User.Get admin
  Username text 0..127
UserManagement.User.List admin
  Limit int 0..65536 = 0
  Offset int 0..65536 = 0
UserManagement.User.Passphrase.Change user
  NewPassphrase! text 0..255
  OldPassphrase! text 0..255
  SecurityAction None|InvalidateAllUserSessions
UserManagement.User.Passphrase.Set admin
  NewPassphrase! text 0..255
  SecurityAction None|InvalidateAllUserSessions
  Username! text 0..127
  YourPassphrase text 0..255
UserManagement.User.Unblock admin
  Username! text 0..127

Video.Input.MainVideo.Mute user
Video.Input.MainVideo.Unmute user
Video.Input.SetMainVideoSource user
  ConnectorId*4 int 1..6
  Layout Equal|PIP|Prominent
  SourceId*4 1|2|3|4|5|6
Video.Selfview.Set user
  FullscreenMode On|Off
  Mode On|Off

Webex.Join user
  DisplayName text 0..255 =
  Number! text 0..255
  ParticipantRole Host|Panelist|Guest
  Pin text 0..32
  TrackingData text 0..255 =
`;
