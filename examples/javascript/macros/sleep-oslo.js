// @ts-check
/// <reference path="./roomd.d.ts" />
import { defineMacro } from 'roomd';

/** Puts the empty rooms of a site to sleep, five at a time, and tells how many did. */
export default defineMacro({
  async run({ devices, each, step }) {
    let asleep = 0;
    await each(devices('site=oslo'), { parallel: 5 }, async (room, step) => {
      const { presence, inCall, standby } = await room.state();
      if (presence !== 'no' || inCall !== false || standby === 'standby') return;
      await step.standby('on');
      asleep += 1;
    });
    await step.notify({ to: 'ops', markdown: `${asleep} rooms sleep` });
  },
});
