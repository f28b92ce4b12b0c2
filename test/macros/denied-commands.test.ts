import { describe, expect, it } from 'vitest';
import { whyDenied } from '../../src/macros/steps/denied-commands.ts';

describe('what the command step refuses unless the file allows it', () => {
  it.each([
    'SystemUnit.FactoryReset',
    'Camera.FactoryReset',
    'SystemUnit.SoftReset',
    'Webex.Meetings.InstantMeeting.Start',
    'Zoom.Join',
    'Call.Resume',
    'Call.Accept',
    'Conference.Recording.Start',
    'Cameras.Stereoscopic.Unmute',
    'Peripherals.UserManagement.User.Delete',
    'Peripherals.Security.Certificates.Services.Delete',
    'Peripherals.Boot',
    'Zoom.Registration.Start',
    'RemoteAccess.EndSession',
    'UserInterface.Extensions.Panel.Save',
    'MicrosoftTeams.Reset',
    'systemunit[1].factoryreset',
  ])('%s', (path) => {
    expect(whyDenied(path, [])).not.toBeNull();
    expect(whyDenied(path, [path.replaceAll(/\[\d+\]/g, '')])).toBeNull();
  });

  it.each([
    'Audio.Volume.Set',
    'Standby.Activate',
    'Video.Layout.SetLayout',
    'UserInterface.Message.Alert.Display',
  ])('but not %s', (path) => {
    expect(whyDenied(path, [])).toBeNull();
  });
});
