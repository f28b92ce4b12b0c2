import type { DeviceModel } from '../model.ts';
import { assembleModel } from './assemble.ts';

/** One screen with a camera in it and one connector for a computer, on somebody's desk. */
const SETTINGS = `
Audio.Input
  HDMI[1].Level int -24..0 = -5
  HDMI[1].Mode Off|On = On
  HDMI[1].VideoAssociation.MuteOnInactiveVideo Off|On = On
  Microphone[1].Mode Off|On = On
  MicrophoneMode Focused|Wide = Focused
Audio.Microphones.UsbPassthrough.MuteButton Active|Inactive = Inactive
Audio.Output.InternalSpeaker.Mode Off|On|UltrasoundOnly = On
Audio.Ultrasound.MaxVolume int 0..70 = 70

Bluetooth
  Allowed False|True = True
  Enabled False|True = False

Cameras
  Background.Enabled False|True user = True
  Background.UserImagesAllowed False|True = True
  Camera.Brightness.Mode Auto|Manual = Auto
  Camera.Brightness.DefaultLevel int 1..31 = 20
  PowerLine.Frequency 50Hz|60Hz|Auto = Auto
  SpeakerTrack.Mode Auto|Off = Auto
  SpeakerTrack.DefaultBehavior Auto|BestOverview|Current|Manual user = Auto

Peripherals.Profile
  Cameras 0| = 0
  TouchPanels 0| = 0

Standby
  Level.Networked.Mode Off|On = On
  Level.Networked.Delay int 0..1440 = 2
  WakeupOnMotionDetection Off|On = On

UserInterface.Whiteboard
  ActivityIndicators Off|On = On
  Deletion Auto|Hidden = Auto

Video
  DefaultMainSource 1|2 user = 1
  Presentation.DefaultSource 2| user = 2
Video.Input.Connector[1..2]
  CameraControl.Mode Off|On = [1] On; [2] Off
  Name text 0..50 = [1] Camera; [2] PC (USB-C)
  Visibility Always|IfSignal|Never = [1] Never; [2] Always
Video.Input.Connector[2]
  CEC.Mode Off|On = On
  InputSourceType PC|camera|document_camera|mediaplayer|other|whiteboard = PC
  PreferredResolution 1920_1080_60| = 1920_1080_60
  PresentationSelection AutoShare|Desktop|Manual|OnConnect = Desktop
  Quality Auto|Motion|Sharpness = Auto
Video.Output.Connector[1].Resolution 1920_1080_60| user = 1920_1080_60

Webex.Hotdesking.UserAuthentication Disabled|Enabled = Enabled
`;

const STATUSES = `
RoomAnalytics.Engagement.CloseProximity True|False
Standby.Level None|DeepSleep|Networked|DisplayOff
Webex.DevicePersonalization
  Hotdesking.SessionStatus Available|Reserved
  Personalized True|False
`;

export const deskModel: DeviceModel = assembleModel({
  kind: 'desk',
  productId: 'roomd-sim Desk',
  software: 'ce26.4.1.0.5100d000003',
  settings: [SETTINGS],
  statuses: [STATUSES],
});
