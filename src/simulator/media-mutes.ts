import type { DeviceCore } from './device-core.ts';

/** The mutes of microphones and camera. What a device does to them by itself at a call's ends is not documented, hence settings. */
export class MediaMutes {
  readonly #core: DeviceCore;

  constructor(core: DeviceCore) {
    this.#core = core;
    this.muteMicrophones(false);
    this.muteVideo(false);
  }

  muteMicrophones(mute: boolean): void {
    this.#core.setStatus('Audio.Microphones.Mute', mute ? 'On' : 'Off');
  }

  muteVideo(mute: boolean): void {
    this.#core.setStatus('Video.Input.MainVideoMute', mute ? 'On' : 'Off');
  }

  onCallConnected(): void {
    if (this.#core.settings.unmuteOnConnect) this.muteMicrophones(false);
    if (this.#core.settings.videoUnmuteOnConnect) this.muteVideo(false);
  }

  onLastCallEnded(): void {
    if (this.#core.settings.unmuteAtCallEnd) this.muteMicrophones(false);
  }
}
