import type { DeviceModel } from '../model.ts';
import { assembleModel } from './assemble.ts';

/** A screen one touches and draws on, with its own camera and loudspeakers; a second screen may be added. */
const SETTINGS = `
Audio.Input
  HDMI[1].Gain int -24..0 = -5
  HDMI[1].Mode Off|On = On
  HDMI[1].VideoAssociation.MuteOnInactiveVideo Off|On = On
  Microphone[1..3].Mode Off|On = On
  Microphone[2..3].Gain int 0..24 = 14
  Microphone[2..3].EchoControl.Mode Off|On = On
  Microphone[2..3].EchoControl.NoiseReduction Off|On = On
Audio.Microphones
  AGC Off|On = On
  NearTalkerSector.Mode Off|On = On
  PhantomPower Off|On = On
Audio.Output
  InternalSpeaker.Mode Off|On|UltrasoundOnly = On
  Line[1].Mode Off|On = On
  Line[1].OutputType LineOut|Loudspeaker|Microphone|Recorder = Loudspeaker
Audio.DefaultVolume int 0..100 user = 70
Audio.Ultrasound.MaxVolume int 0..70 = 70

Bluetooth
  Allowed False|True = True
  Enabled False|True = False

Cameras
  PowerLine.Frequency 50Hz|60Hz|Auto = Auto
  SpeakerTrack.Mode Auto|Off = Auto
  SpeakerTrack.Closeup Auto|Off|On user = Auto
  SpeakerTrack.DefaultBehavior Auto|BestOverview|Closeup|Current|Frames|Manual user = Auto

Peripherals.Profile
  Cameras 0|1|2|Minimum1|NotSet = NotSet
  TouchPanels 0|1|2|Auto|Minimum1|NotSet = Auto

RoomCleanup.AutoRun
  ContentType.Whiteboards Daily|Off = Daily
  ContentType.WebData Daily|Off = Daily
  HourOfDay int 0..23 = 0

Standby
  Level.Networked.Mode Off|On = On
  Level.Networked.Delay int 0..1440 = 2

UserInterface.Whiteboard
  ActivityIndicators Off|On = On
  Deletion Auto|Hidden = Auto
  ShareInCall Auto|Hidden = Auto

Video
  DefaultMainSource 1|2|3 user = 1
  Monitors Auto|Dual|DualPresentationOnly|Single = Auto
  Presentation.DefaultSource 2|3 user = 2
  Output.TouchInput.Mode Auto|Disabled|Enabled = Auto
  Output.TouchInput.ActivePenSupport False|True = True
Video.Input.Connector[1..3]
  CameraControl.Mode Off|On = [1] On; [2] Off; [3] Off
  Name text 0..50 = [1] Camera; [2] PC (USB-C); [3] PC (HDMI)
  Visibility Always|IfSignal|Never = [1] Never; [2] IfSignal; [3] IfSignal
Video.Input.Connector[2..3]
  CEC.Mode Off|On = On
  InputSourceType PC|camera|document_camera|mediaplayer|other|whiteboard = PC
  PreferredResolution 1920_1080_60|2560_1440_60|3840_2160_30|3840_2160_60 = 3840_2160_60
  PresentationSelection AutoShare|Desktop|Manual|OnConnect = OnConnect
  Quality Auto|Motion|Sharpness = Auto
  RGBQuantizationRange Auto|Full|Limited = Auto
Video.Output.Connector[1..2]
  MonitorRole Auto|First|Second = [1] First; [2] Auto
Video.Output.Connector[1].Resolution 3840_2160_60| user = 3840_2160_60
Video.Output.Connector[2]
  CEC.Mode Off|On = On
  Location.HorizontalOffset text 1..12 = -1
  Location.VerticalOffset text 1..12 = 0
  Resolution 1920_1080_60|2560_1440_60|3840_2160_30|3840_2160_60|Auto user = Auto
  RGBQuantizationRange Auto|Full|Limited = Full
Video.Selfview.Default.OnMonitorRole Current|First|Second = Current
`;

const STATUSES = `
Cameras
  SpeakerTrack.Availability Off|Unavailable|Available
  SpeakerTrack.Status Active|Inactive
Conference.Presentation.Whiteboard
  BoardUrl text
  Mode On|Off
Peripherals.Stylus[n].Presence Present|NotPresent
RoomAnalytics
  AmbientTemperature text
  Engagement.CloseProximity True|False
  RelativeHumidity int
Standby.Level None|DeepSleep|Networked|DisplayOff
Video.Output.Connector[n].TouchInput.Enabled True|False
`;

const COMMANDS = `
Cameras.SpeakerTrack.Activate user
Cameras.SpeakerTrack.Deactivate user
Whiteboard.Email.Send
  Body! text 0..65536
  Recipients*50 text 0..254
  Subject! text 0..128
`;

const EVENTS = `
RoomCleanup
  Complete
  Impending
  Start
`;

export const boardModel: DeviceModel = assembleModel({
  kind: 'board',
  productId: 'roomd-sim Board',
  software: 'ce26.4.1.0.5100d000001',
  settings: [SETTINGS],
  statuses: [STATUSES],
  commands: [COMMANDS],
  events: [EVENTS],
});
