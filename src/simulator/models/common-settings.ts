/** Settings that every built-in model has: the device as a machine on a network. In the notation of `notation.ts`. */
export const MACHINE_SETTINGS = `
Audio.DefaultVolume int 0..100 user = 50
Audio.Microphones
  Mute.Enabled True|InCallOnly = True
  NoiseRemoval.Mode Disabled|Enabled|Manual = Enabled
  VoiceActivityDetector.Mode Off|On = Off
Audio.SoundsAndAlerts
  DTMFFeedback Off|On user = On
  RingTone text 1..100 user = Sunrise
  RingVolume int 0..100 user = 50

CallHistory.Mode Off|On = On

FacilityService.Service[1..3]
  Type Catering|Concierge|Emergency|Helpdesk|Other|Security|Transportation = Helpdesk
  Name text 0..1024 = Live Support
  Number text 0..1024
  CallType Audio|Video = Video

H323
  Authentication.Mode Off|On admin = Off
  Authentication.LoginName text 0..50 admin
  Authentication.Password text 0..50 admin hidden
  CallSetup.Mode Direct|Gatekeeper admin = Gatekeeper
  Gatekeeper.Address text 0..255 admin
  H323Alias.E164 text 0..30 admin
  H323Alias.ID text 0..49 admin
  NAT.Mode Auto|Off|On admin = Off
  NAT.Address text 0..64 admin

HttpClient
  Mode Off|On = Off
  AllowHTTP False|True = True
  AllowInsecureHTTPS False|True = False
  UseHttpProxy Off|On = On
HttpFeedback
  TlsVerify Off|On admin = On
  UseHttpProxy Off|On admin = On

Logging
  Mode Off|On admin = On
  Internal.Mode Off|On admin = On
  External.Mode Off|On admin = Off
  External.Protocol Syslog|SyslogTLS admin = SyslogTLS
  External.Server.Address text 0..255 admin
  External.Server.Port int 0..65535 admin = 514
  External.TlsVerify Off|On admin = On

Macros
  Mode Off|On admin = Off
  AutoStart Off|On admin = On
  UnresponsiveTimeout int 0..65535 admin = 5

Network[1]
  IPStack Dual|IPv4|IPv6 = Dual
  IPv4.Assignment DHCP|Static = DHCP
  IPv4.Address text 0..64
  IPv4.Gateway text 0..64
  IPv4.SubnetMask text 0..64
  IPv6.Assignment Autoconf|DHCPv6|Static = Autoconf
  IPv6.Address text 0..64
  IPv6.Gateway text 0..64
  DNS.Domain.Name text 0..64
  DNS.Server[1..3].Address text 0..64
  IEEE8021X.Mode Off|On = Off
  IEEE8021X.Identity text 0..64
  IEEE8021X.Password text 0..50 admin hidden
  IEEE8021X.TlsVerify Off|On = Off
  MTU int 576..1500 = 1500
  QoS.Mode Diffserv|Off = Diffserv
  QoS.Diffserv.Audio int 0..63 = 46
  QoS.Diffserv.Video int 0..63 = 34
  QoS.Diffserv.Signalling int 0..63 = 24
  Speed 10full|10half|100full|100half|1000full|Auto = Auto
  VLAN.Voice.Mode Auto|Manual|Off = Auto
  VLAN.Voice.VlanId int 1..4094 = 1

NetworkServices
  CDP.Mode Off|On = On
  H323.Mode Off|On admin = Off
  HTTP.Mode HTTP+HTTPS|HTTPS|Off admin = HTTPS
  HTTP.Proxy.Mode Manual|Off|PACUrl|WPAD admin = Off
  HTTP.Proxy.Url text 0..255 admin
  HTTP.Proxy.PACUrl text 0..255 admin
  HTTP.Proxy.LoginName text 0..80 admin
  HTTP.Proxy.Password text 0..64 admin hidden
  HTTPS.Server.MinimumTLSVersion TLSv1.1|TLSv1.2|TLSv1.3 admin = TLSv1.2
  HTTPS.StrictTransportSecurity Off|On admin = Off
  HTTPS.VerifyClientCertificate Off|On admin = Off
  NTP.Mode Auto|Manual|Off = Auto
  NTP.Server[1..3].Address text 0..255 = [1] 0.pool.ntp.org; [2] 1.pool.ntp.org; [3] 2.pool.ntp.org
  NTP.Server[1..3].Key text 0..2045 admin hidden
  NTP.Server[1..3].KeyAlgorithm None|SHA1|SHA256 = SHA256
  NTP.Server[1..3].KeyId text 0..10
  SIP.Mode Off|On admin = On
  SMTP.Mode Off|On admin = Off
  SMTP.Server text 0..255 admin
  SMTP.Username text 0..80 admin
  SMTP.Password text 0..64 admin hidden
  SNMP.Mode Off|ReadOnly|ReadWrite admin = Off
  SNMP.CommunityName text 0..50 admin
  SNMP.SystemContact text 0..50 admin
  SNMP.SystemLocation text 0..50 admin
  SSH.Mode Off|On admin = On
  Websocket FollowHTTPService|Off admin = FollowHTTPService
  WelcomeText Off|On = On

Phonebook.Server[1]
  ID text 0..64 admin
  Type CUCM|Off|Spark|TMS|VCS admin = Off
  URL text 0..255 admin

Provisioning
  Connectivity Auto|External|Internal user = Auto
  ExternalManager.Address text 0..64 user
  ExternalManager.Domain text 0..64 user
  ExternalManager.Path text 0..255 user
  ExternalManager.Protocol HTTP|HTTPS user = HTTP
  LoginName text 0..80 user
  Mode Auto|CUCM|Edge|Off|TMS|VCS|Webex user = Auto
  Password text 0..64 user hidden
  TlsVerify Off|On user = On

Proximity.Mode Off|On user = Off
Proximity.Services
  CallControl Disabled|Enabled user = Disabled
  ContentShare.FromClients Disabled|Enabled user = Enabled

Security
  Audit.Logging.Mode External|ExternalSecure|Internal|Off = Internal
  Audit.Server.Address text 0..255
  Audit.Server.Port int 0..65535 = 514
  Session.FailedLoginsLockoutTime int 0..10000 admin = 5
  Session.InactivityTimeout int 0..10000 admin = 0
  Session.MaxFailedLogins int 0..10 admin = 5
  Session.MaxSessionsPerUser int 1..20 admin = 20
  Session.MaxTotalSessions int 1..30 admin = 30
  Session.ShowLastLogon Off|On admin = Off

SIP
  Authentication.UserName text 0..128 admin
  Authentication.Password text 0..128 admin hidden
  DefaultTransport Auto|TCP|Tls|UDP admin = Auto
  DisplayName text 0..550 admin
  Ice.Mode Auto|Off|On admin = Auto
  ListenPort Auto|Off|On admin = Off
  Proxy[1..4].Address text 0..255 admin
  TlsVerify Off|On admin = On
  Turn.Server text 0..255 admin
  Turn.UserName text 0..128 admin
  Turn.Password text 0..128 admin hidden
  URI text 0..255 admin

SystemUnit
  Name text 0..50
  BroadcastName text 0..256
  CustomDeviceId text 0..255
  CrashReporting.Mode Off|On admin = On

Time
  DateFormat DD_MM_YY|MM_DD_YY|YY_MM_DD user = DD_MM_YY
  TimeFormat 12H|24H user = 24H
  OfficeHours.Enabled False|True = True
  OfficeHours.WorkDay.Start text 5..5 user = 07:00
  OfficeHours.WorkDay.End text 5..5 user = 19:00
  OfficeHours.WorkWeek.Monday False|True = True
  OfficeHours.WorkWeek.Tuesday False|True = True
  OfficeHours.WorkWeek.Wednesday False|True = True
  OfficeHours.WorkWeek.Thursday False|True = True
  OfficeHours.WorkWeek.Friday False|True = True
  OfficeHours.WorkWeek.Saturday False|True = False
  OfficeHours.WorkWeek.Sunday False|True = False

UserManagement
  LDAP.Mode Off|On admin = Off
  LDAP.Server.Address text 0..255 admin
  LDAP.Server.Port int 0..65535 admin = 0
  LDAP.BaseDN text 0..255 admin
  LDAP.BindDN text 0..255 admin
  LDAP.BindPassword text 0..255 admin hidden
  LDAP.Encryption LDAPS|None|STARTTLS admin = LDAPS
  PasswordPolicy.Complexity.MinimumLength int 0..256 admin = 8
  PasswordPolicy.Complexity.MinimumDigits int 0..4 admin = 0
  PasswordPolicy.MaxLifetime int 0..7300 admin = 0
  PasswordPolicy.ReuseLimit int 0..24 admin = 12
`;

/** Settings that every built-in model has: what the people in the room meet. */
export const ROOM_SETTINGS = `
Bookings
  AdhocBooking.Enabled False|True = False
  AdhocBooking.BookingTimeout int 60..300 = 60
  AllowDecline All|InsideOnly|None = All
  CheckIn.Enabled False|True = False
  CheckIn.WindowDuration 5|10|15|20|30|60 = 10
  CheckIn.AutoCheckInDuration int 8..24 = 8
  MaxDuration int 0..24 = 0

Conference
  ActiveMeetingTimeout int 1..30 = 5
  AutoAnswer.Mode Off|On = Off
  AutoAnswer.Delay int 0..50 = 0
  AutoAnswer.Mute Off|On = Off
  DefaultCall.Protocol Auto|H323|Sip|Spark admin = Auto
  DefaultCall.Rate int 64..6000 admin = 6000
  DoNotDisturb.DefaultTimeout int 1..1440 = 60
  Encryption.Mode BestEffort|Off|On admin = BestEffort
  FarEndControl.Mode Auto|Off|On = Auto
  JoinLeaveNotifications Always|Auto|Never = Auto
  MaxReceiveCallRate int 64..20000 admin = 20000
  MaxTransmitCallRate int 64..20000 admin = 20000
  MicUnmuteOnDisconnect.Mode Off|On = On
  Multipoint.Mode Auto|CUCMMediaResourceGroupList|MultiSite|Off admin = Auto

Peripherals
  InputDevice.Mode Off|On = Off
  Pairing.CiscoTouchPanels.RemotePairing Off|On = On
  Profile.ControlSystems 1|NotSet = NotSet

RoomAnalytics
  AmbientNoiseEstimation.Mode Off|On user = Off
  AmbientNoiseEstimation.Interval int 10..60 user = 10
  PeopleCountOutOfCall Off|On user = Off
  PeoplePresenceDetector Off|On user = On
  PeoplePresence.Input.HeadDetector Off|On = On
  PeoplePresence.Input.Ultrasound Off|On = Off
  RoomInUse.InCall Disabled|Enabled = Enabled
  RoomInUse.LocalUsage Disabled|Enabled = Enabled
  T3AlarmDetection.Mode Off|On = Off
  T3AlarmDetection.Timeout int 5..60 = 10

Standby
  BootAction DefaultCameraPosition|None|RestoreCameraPosition user = DefaultCameraPosition
  Control Off|On = On
  Delay int 1..480 = 10
  Halfwake.Mode Auto|Manual = Auto
  Signage.Mode Off|On = Off
  Signage.Url text 0..2048
  Signage.Audio Off|On = Off
  Signage.RefreshInterval int 0..1440 = 0
  Signage.InteractionMode Interactive|NonInteractive = NonInteractive
  StandbyAction None|PrivacyPosition = PrivacyPosition
  WakeupAction DefaultCameraPosition|None|RestoreCameraPosition user = RestoreCameraPosition
  WakeupOnMotionDetection Off|On = Off

UserInterface
  Bookings.Visibility.Title Auto|Hidden user = Auto
  Bookings.Visibility.Organizer Auto|Hidden user = Auto
  ContactInfo.Type Auto|DisplayName|E164Alias|H323Id|IPv4|IPv6|None|SipUri|SystemName = Auto
  CustomMessage text 0..512
  Features.Call.Start Auto|Hidden = Auto
  Features.Call.End Auto|Hidden = Auto
  Features.Call.VideoMute Auto|Hidden = Auto
  Features.Call.JoinWebex Auto|Hidden = Auto
  Features.Share.Start Auto|Hidden = Auto
  Features.Whiteboard.Start Auto|Hidden = Auto
  Features.HideAll False|True = False
  KeyTones.Mode Off|On user = On
  Language English|EnglishUK|French|German|Italian|Norwegian|Spanish user = English
  OSD.EncryptionIndicator AlwaysOff|AlwaysOn|Auto = Auto
  OSD.HalfwakeMessage text 0..128
  OSD.Mode Auto|Unobstructed = Auto
  Proximity.Notifications Auto|Off|On = Auto
  ScreenLock.Policy Enforced|Optional = Optional
  SettingsMenu.Mode Locked|Unlocked = Unlocked
  SettingsMenu.Visibility Auto|Hidden = Auto
  SoundEffects.Mode Off|On user = On
  Theme.Name ArcticNight|Auto|CarbonBlack user = Auto

Video
  DefaultLayoutFamily.Local Auto|Equal|Overlay|Prominent|Prominent_L|Single = Auto
  Presentation.Priority Equal|High|Low = Equal
  Selfview.Default.Mode Auto|Current|Off|On = Auto
  Selfview.Default.PIPPosition CenterLeft|CenterRight|Current|LowerLeft|LowerRight|UpperCenter|UpperLeft|UpperRight = Current
  Selfview.OnCall.Mode Auto|Current|Off|On = Auto
  Selfview.OnCall.Duration int 1..60 = 5

Webex.Meetings.JoinProtocol SIP|Webex = SIP
`;
