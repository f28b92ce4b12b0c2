import type { DeviceModel } from '../model.ts';
import { boardModel } from './board.ts';
import { deskModel } from './desk.ts';
import { roomCe9Model, roomModel } from './room.ts';

export type BuiltInName = 'board' | 'room' | 'desk' | 'room-ce9';

/** The models that roomd brings along. Their trees are a selection of ours, not a vendor product's complete one. */
export const builtInModels: Readonly<Record<BuiltInName, DeviceModel>> = {
  board: boardModel,
  room: roomModel,
  desk: deskModel,
  'room-ce9': roomCe9Model,
};
