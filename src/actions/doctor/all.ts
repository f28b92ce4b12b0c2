import type { Check } from './check.ts';
import { loginCheck, roleCheck, sessionsCheck, unitCheck } from './login.ts';
import { certificateCheck, httpCheck, nameCheck, portCheck } from './network.ts';
import { clockCheck, detectorCheck } from './room.ts';
import { postsCheck, slotsCheck } from './webhook.ts';
import { sessionCheck, websocketCheck } from './websocket.ts';

/** In the order in which a person would try. */
export const CHECKS: readonly Check[] = [
  nameCheck,
  portCheck,
  certificateCheck,
  httpCheck,
  websocketCheck,
  loginCheck,
  unitCheck,
  roleCheck,
  sessionsCheck,
  sessionCheck,
  clockCheck,
  detectorCheck,
  slotsCheck,
  postsCheck,
];
