import type { DeviceModel } from '../model.ts';
import { assembleModel } from './assemble.ts';

/** Inputs for cameras and computers, three screens, loudspeakers and microphones of its own, a serial port. */
const SETTINGS = `
Audio.Input
  HDMI[1..3].Level int -24..0 = -5
  HDMI[1..3].Mode Off|On = On
  HDMI[1..3].VideoAssociation.MuteOnInactiveVideo Off|On = [1] Off; [2] On; [3] On
  Microphone[1..3].Mode Off|On = On
  Microphone[1..3].Level int 0..70 = 58
  Microphone[1..3].Channel Left|Mono|Right = Mono
  Microphone[1..3].PhantomPower Off|On = On
  Microphone[1..3].EchoControl.Mode Off|On = On
  Microphone[1..3].EchoControl.NoiseReduction Off|On = On
  Microphone[1..3].EchoControl.Dereverberation Off|On = Off
Audio.Output
  ConnectorSetup Auto|Manual = Auto
  HDMI[1..3].Mode Off|On = [1] On; [2] Off; [3] Off
  Line[1..2].Mode Off|On = On
  Line[1..2].Channel Left|Mono|Right = [1] Left; [2] Right
  Line[1..2].Level int -24..0 = -4
Audio.Ultrasound.MaxVolume int 0..90 = 70

Cameras
  Camera[1..3].AssignedSerialNumber text 0..20
  Camera[1..3].Backlight.DefaultMode Off|On = Off
  Camera[1..3].Brightness.Mode Auto|Manual = Auto
  Camera[1..3].Brightness.DefaultLevel int 1..31 = 20
  Camera[1..3].Flip Auto|Off|On = Auto
  Camera[1..3].Focus.Mode Auto|AutoLimited|Manual = Auto
  Camera[1..3].Mirror Auto|Off|On = Auto
  Camera[1..3].Whitebalance.Mode Auto|Manual = Auto
  Camera[1..3].Whitebalance.Level int 1..16 = 1
  PowerLine.Frequency 50Hz|60Hz|Auto = Auto
  PresenterTrack.Enabled False|True = False
  PresenterTrack.Connector int 1..4 = 1
  SpeakerTrack.Mode Auto|Off = Auto
  SpeakerTrack.Closeup Auto|Off|On user = Auto
  SpeakerTrack.DefaultBehavior Auto|BestOverview|Closeup|Current|Frames|Manual user = Auto
  SpeakerTrack.Whiteboard.Mode Off|On user = Off

Peripherals.Profile
  Cameras 0|1|2|3|Minimum1|NotSet = Minimum1
  TouchPanels 0|1|2|3|Auto|Minimum1|NotSet = Auto

SerialPort
  Mode Off|On = On
  BaudRate 9600|19200|38400|57600|115200 = 115200
  LoginRequired Off|On = On

Video
  DefaultMainSource 1|2|3|4 user = 1
  Monitors Auto|Dual|DualPresentationOnly|Single|Triple|TriplePresentationOnly = Auto
  Presentation.DefaultSource 1|2|3|4 user = 3
Video.Input.Connector[1..4]
  CameraControl.Mode Off|On = [1] On; [2] On; [3] Off; [4] Off
  CameraControl.CameraId 1|2|3 = [1] 1; [2] 2; [3] 3; [4] 3
  CEC.Mode Off|On = On
  InputSourceType PC|camera|document_camera|mediaplayer|other|whiteboard = [1] camera; [2] camera; [3] PC; [4] PC
  Name text 0..50 = [1] Camera 1; [2] Camera 2; [3] PC 1 (HDMI); [4] PC 2 (HDMI)
  PreferredResolution 1920_1080_60|2560_1440_60|3840_2160_30 = 1920_1080_60
  PresentationSelection AutoShare|Desktop|Manual|OnConnect = [1] Manual; [2] Manual; [3] OnConnect; [4] OnConnect
  Quality Auto|Motion|Sharpness = [1] Motion; [2] Motion; [3] Auto; [4] Auto
  RGBQuantizationRange Auto|Full|Limited = Auto
  Visibility Always|IfSignal|Never = [1] Never; [2] Never; [3] IfSignal; [4] IfSignal
Video.Output.Connector[1..3]
  CEC.Mode Off|On = On
  Location.HorizontalOffset text 1..12 = [1] -1; [2] 0; [3] 1
  Location.VerticalOffset text 1..12 = 0
  MonitorRole Auto|First|PresentationOnly|Recorder|Second|Third = Auto
  Resolution 1920_1080_50|1920_1080_60|2560_1440_60|3840_2160_30|3840_2160_60|Auto user = Auto
  RGBQuantizationRange Auto|Full|Limited = Full
Video.Selfview.Default.OnMonitorRole Current|First|Second|Third = Current
`;

const STATUSES = `
Cameras
  Camera[n].Connected True|False
  Camera[n].Model text
  Camera[n].Position.Pan int
  Camera[n].Position.Tilt int
  Camera[n].Position.Zoom int
  Camera[n].SerialNumber text
  PresenterTrack.Status Off|Follow|Diagnostic|Background|Setup|Persistent
  SpeakerTrack.Availability Off|Unavailable|Available
  SpeakerTrack.Status Active|Inactive
RoomAnalytics
  AmbientTemperature text
  RelativeHumidity int
`;

const COMMANDS = `
Camera.Preset.Activate user
  PresetId! int 1..35
Camera.Preset.List user
  CameraId int 1..3
Camera.Preset.Store user
  CameraId! int 1..3
  Name text 0..255
  PresetId int 1..35
Cameras.SpeakerTrack.Activate user
Cameras.SpeakerTrack.Deactivate user
`;

/**
 * What the same codec is on CE9: websocket off, no lock-out after failed
 * logins, fewer sessions, the presence detector off and without a choice of
 * sensors (vendor schema 9.15.17.4).
 */
const CE9_SETTINGS = `
Conference.FarEndControl.Mode Off|On = On
NetworkServices
  Websocket FollowHTTPService|Off admin = Off
  HTTPS.Server.MinimumTLSVersion TLSv1.1|TLSv1.2 admin = TLSv1.1
Peripherals.Profile.TouchPanels 0|1|2|3|Minimum1|NotSet = Minimum1
RoomAnalytics.PeoplePresenceDetector Off|On user = Off
Security.Session
  FailedLoginsLockoutTime int 0..10000 admin = 60
  MaxFailedLogins int 0..10 admin = 0
  MaxTotalSessions int 1..20 admin = 20
Standby.Signage.Url text 0..2000
UserInterface.CustomMessage text 0..128
Video
  Input.Connector[1..4].Quality Motion|Sharpness = [1] Motion; [2] Motion; [3] Sharpness; [4] Sharpness
  Selfview.Default.Mode Current|Off|On = Current
  Selfview.OnCall.Mode Off|On = Off
  Selfview.OnCall.Duration int 1..60 = 10
`;

const CE9_LACKS = {
  settings: [
    'Audio.Microphones.NoiseRemoval',
    'Audio.Microphones.VoiceActivityDetector',
    'Audio.SoundsAndAlerts.DTMFFeedback',
    'Bookings',
    'Cameras.SpeakerTrack.DefaultBehavior',
    'Conference.ActiveMeetingTimeout',
    'HttpClient.UseHttpProxy',
    'Logging.Mode',
    'RoomAnalytics.PeoplePresence',
    'RoomAnalytics.RoomInUse',
    'RoomAnalytics.T3AlarmDetection',
    'Standby.Signage.InteractionMode',
    'SystemUnit.BroadcastName',
    'Time.OfficeHours',
    'UserInterface.Bookings',
    'UserInterface.ScreenLock',
    'UserInterface.Theme',
    'UserManagement.LDAP.BindDN',
    'UserManagement.LDAP.BindPassword',
    'Video.DefaultLayoutFamily',
    'Webex.Meetings',
  ],
  statuses: [
    'Bookings.Availability',
    'Peripherals.ConnectedDevice[n].Location',
    'RoomAnalytics.PeopleCount.Capacity',
    'RoomAnalytics.RoomInUse',
    'RoomAnalytics.T3Alarm',
    'RoomAnalytics.UltrasoundPresence',
    'SystemUnit.BroadcastName',
    'SystemUnit.Hardware.MainBoard',
    'SystemUnit.LastShutdownReason',
    'SystemUnit.LastShutdownTime',
    'SystemUnit.State.Subsystem',
    'SystemUnit.State.System',
    'UserInterface.WebView',
  ],
  commands: ['Bookings.CheckIn', 'Bookings.Extend', 'Bookings.Respond'],
};

export const roomModel: DeviceModel = assembleModel({
  kind: 'room',
  productId: 'roomd-sim Room',
  software: 'ce26.4.1.0.5100d000002',
  settings: [SETTINGS],
  statuses: [STATUSES],
  commands: [COMMANDS],
});

export const roomCe9Model: DeviceModel = assembleModel({
  kind: 'room',
  productId: 'roomd-sim Room',
  software: 'ce9.15.17.4.5100d000009',
  settings: [SETTINGS, CE9_SETTINGS],
  statuses: [STATUSES],
  commands: [COMMANDS],
  lacks: CE9_LACKS,
});
