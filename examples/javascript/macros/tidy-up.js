// @ts-check
/// <reference path="./roomd.d.ts" />
import { defineMacro } from 'roomd';

/** Reminds the room that its time is nearly over, and tells people where it overruns. */
export default defineMacro({
  async run({ room, step, wait, log }) {
    const { peopleCount, booking } = await room.state();
    if (booking === null || !booking.running) return;
    const people = peopleCount ?? 'some';
    log(`${people} people, ${booking.minutesLeft} minutes left`);

    try {
      await step.message({ text: `${booking.minutesLeft ?? 'A few'} minutes left`, duration: '30s' });
    } catch (error) {
      log('the screen shows nothing:', error);
    }

    for (let round = 0; round < 10; round += 1) {
      await wait('1m');
      if ((await room.state()).presence === 'no') return;
    }
    await step.notify({ to: 'ops', markdown: `**${room.name}** is still in use by ${people} people` });
  },
});
