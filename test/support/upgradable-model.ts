import type { ProductSchema } from '../../src/schema/product-schema.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { makeSmallModel } from './small-model.ts';

const TOLD = ['Message', 'LastChange'];
const STATES = ['Failed', 'InProgress', 'InstallationFailed', 'None', 'Succeeded'];

/** A setting that the newer software lacks. */
export const VANISHING = 'Standby.WakeupOnMotionDetection';

/** The small device with what an upgrade takes; on 26.9.1 it lacks one setting. */
export const upgradableModel: DeviceModel = {
  ...upgradable('ce26.4.1.0a1b2c3'),
  upgrades: [withoutSetting(upgradable('ce26.9.1'), VANISHING)],
};

function upgradable(software: string): DeviceModel {
  const model = makeSmallModel(software);
  return { ...model, schema: withUpgrades(model.schema) };
}

function withUpgrades(schema: ProductSchema): ProductSchema {
  return {
    ...schema,
    statuses: [
      ...schema.statuses,
      {
        path: path('Provisioning.Software.UpgradeStatus.Status'),
        valueSpace: { type: 'Literal' as const, values: STATES },
      },
      ...TOLD.map((leaf) => ({
        path: path(`Provisioning.Software.UpgradeStatus.${leaf}`),
        valueSpace: null,
      })),
    ],
    commands: [
      ...schema.commands,
      {
        path: ['SystemUnit', 'SoftwareUpgrade'],
        params: [
          {
            name: 'URL',
            required: true,
            valueSpace: { type: 'String' as const, minLength: 0, maxLength: 2_048 },
            default: null,
            repeat: null,
          },
          {
            name: 'Forced',
            required: false,
            valueSpace: { type: 'Literal' as const, values: ['False', 'True'] },
            default: 'True',
            repeat: null,
          },
        ],
        multiline: false,
        roles: ['Admin'],
      },
    ],
  };
}

function withoutSetting(model: DeviceModel, gone: string): DeviceModel {
  const { schema } = model;
  const settings = schema.settings.filter(({ path }) => path.map(({ name }) => name).join('.') !== gone);
  return { ...model, schema: { ...schema, settings } };
}

function path(words: string) {
  return words.split('.').map((name) => ({ name, index: null }));
}
