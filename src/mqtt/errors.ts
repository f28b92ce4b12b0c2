import { RoomdError } from '../lib/errors.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | broker-unreachable | nothing answers there, or not in time, or its certificate is not trusted | yes |
 * | broker-refused | the broker does not take the login or the client id | yes |
 * | broker-lost | the connection to the broker has ended | yes |
 */
export type MqttErrorCode = 'broker-unreachable' | 'broker-refused' | 'broker-lost';

export class MqttError extends RoomdError<MqttErrorCode> {}
