import { Counter } from 'prom-client';
import { declareGauge, type Registry } from '../lib/metrics.ts';
import type { CommandResult } from './commands.ts';

export interface MqttCounters {
  readonly published: (messages: number) => void;
  readonly command: (state: CommandResult['state']) => void;
}

/** @param isConnected null: the file names no broker */
export function declareMqttMetrics(registry: Registry, isConnected: () => boolean | null): MqttCounters {
  const registers = [registry];
  const published = new Counter({
    name: 'roomd_mqtt_messages_total',
    help: 'Messages about rooms that the MQTT broker has taken',
    registers,
  });
  const commands = new Counter({
    name: 'roomd_mqtt_commands_total',
    help: 'Commands that came over MQTT by how their run ended; refused: there was none',
    labelNames: ['state'],
    registers,
  });
  declareGauge(
    registry,
    {
      name: 'roomd_mqtt_connected',
      help: 'Whether the MQTT broker is connected; none where the file names no broker',
      labelNames: [],
    },
    () => {
      const connected = isConnected();
      return connected === null ? [] : [[[], Number(connected)]];
    },
  );
  return { published: (messages) => published.inc(messages), command: (state) => commands.inc({ state }) };
}
