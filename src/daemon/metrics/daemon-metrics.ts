import { collectDefaultMetrics } from 'prom-client';
import type { CampaignPorts } from '../../actions/ports/campaigns.ts';
import type { Ports } from '../../actions/ports.ts';
import type { Campaign, CampaignDevice } from '../../fleet/campaign/campaign.ts';
import type { PartHealth } from '../../http/context.ts';
import type { Clock } from '../../lib/clock.ts';
import { countWords, declareGauge, type Registry } from '../../lib/metrics.ts';
import type { InForce } from '../in-force.ts';
import { declareFleetMetrics } from './fleet-metrics.ts';

export interface DaemonMetricsParts {
  readonly ports: Ports;
  readonly inForce: InForce;
  readonly health: () => readonly PartHealth[];
  readonly version: string;
  readonly registry: Registry;
  readonly clock: Clock;
}

/** Gauges of prom-client that are named like counters, which Prometheus' own lint objects to; each has a twin by type. */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** What the daemon as a whole tells of itself and its fleet; its parts declare the rest. */
export function declareDaemonMetrics(parts: DaemonMetricsParts): void {
  const { ports, inForce, registry, clock } = parts;
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  declareStanding(parts);
  declareCampaigns(ports, registry);
  declareFleetMetrics({
    devices: () => ports.devices(),
    mostDevices: () => inForce.standing.fleet.daemon.metrics.mostDevices,
    registry,
    clock,
  });
}

function declareStanding({ inForce, health, version, registry }: DaemonMetricsParts): void {
  declareGauge(
    registry,
    {
      name: 'roomd_build_info',
      help: 'Always 1; which roomd and Node.js run',
      labelNames: ['version', 'node'],
    },
    () => [[[version, process.version], 1]],
  );
  declareGauge(
    registry,
    {
      name: 'roomd_enforce_mode',
      help: '1 while roomd keeps the approved revision by itself, 0 while it observes',
      labelNames: [],
    },
    () => [[[], Number(inForce.mode() === 'enforce')]],
  );
  declareGauge(
    registry,
    {
      name: 'roomd_safe_mode',
      help: '1 while the fleet file was broken at the start and the last good one stands in',
      labelNames: [],
    },
    () => [[[], Number(inForce.standing.safeMode)]],
  );
  declareGauge(
    registry,
    {
      name: 'roomd_part_ok',
      help: 'Whether a part of roomd does its work, as /healthz says it',
      labelNames: ['part'],
    },
    () => health().map(({ part, ok }) => [[part], Number(ok)] as const),
  );
}

type Current = CampaignPorts<Campaign, CampaignDevice>;

/** One that is over stands until the next begins, so that a look after it still sees how it ended. */
function declareCampaigns({ rollouts, rotations, upgrades }: Ports, registry: Registry): void {
  const kinds: readonly (readonly [string, Pick<Current, 'current'> | undefined])[] = [
    ['rollout', rollouts],
    ['rotation', rotations],
    ['upgrade', upgrades],
  ];
  const current = () =>
    kinds.flatMap(([kind, of]) => {
      const record = of?.current()?.record;
      return record === undefined ? [] : [{ kind, campaign: record.campaign, devices: record.devices }];
    });
  declareGauge(
    registry,
    {
      name: 'roomd_campaign_state',
      help: 'Always 1; the state of the last rollout, rotation and upgrade',
      labelNames: ['campaign', 'state'],
    },
    () => current().map(({ kind, campaign }) => [[kind, campaign.state], 1] as const),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_campaign_paused',
      help: '1 while the last rollout, rotation or upgrade is paused',
      labelNames: ['campaign'],
    },
    () => current().map(({ kind, campaign }) => [[kind], Number(campaign.isPaused)] as const),
  );
  declareGauge(
    registry,
    {
      name: 'roomd_campaign_devices',
      help: 'Devices of the last rollout, rotation and upgrade by how far they are',
      labelNames: ['campaign', 'state'],
    },
    () =>
      current().flatMap(({ kind, devices }) =>
        countWords(
          [],
          devices.map(({ state }) => state),
        ).map(([[state], count]) => [[kind, state], count] as const),
      ),
  );
}
