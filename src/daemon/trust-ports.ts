import { ActionError } from '../actions/action.ts';
import type { CertificateLook, RecordedCertificate, TrustPorts, UnitLook } from '../actions/ports/trust.ts';
import { certificateOf, type DeviceRow } from '../fleet/device-store.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { Target } from '../fleet/plan.ts';
import { XapiError } from '../xapi/errors.ts';
import type { Engine } from './engine.ts';

/** What the verbs that vouch for devices need, over an engine. */
export function trustPorts(engine: Engine): TrustPorts {
  const { devices, managed } = engine;
  return {
    async certificate(name, options) {
      const { desired, device, row } = known(engine, name);
      const common = recordOf(desired, row);
      try {
        const shown = await devices.pool.showCertificate(device.address, options);
        return { ...common, shown, reason: null };
      } catch (error) {
        if (!(error instanceof XapiError)) throw error;
        return { ...common, shown: null, reason: error.message };
      }
    },
    async unit(name, fingerprint256, options) {
      const { serial, product, software } = known(engine, name).row;
      const recorded = { serial, product, software };
      try {
        const shown = await devices.whoAnswers(name, fingerprint256, options);
        return { recorded, shown, belongsTo: ownerOf(engine, shown?.serial ?? null, name), failure: null };
      } catch (error) {
        if (!(error instanceof XapiError)) throw error;
        const failure = { code: error.code, reason: error.message };
        return { recorded, shown: null, belongsTo: null, failure };
      }
    },
    pin: (name, certificate, actor) => devices.pin(name, certificate, actor),
    async bind(name, unit, actor) {
      const { row } = known(engine, name);
      // First of all: cut off in between, roomd must not take off another unit what it never put there.
      if (row.serial !== unit.serial) await managed.forget(row.id);
      await devices.bind(name, unit, actor);
    },
    retryLogin: (name) => devices.retryLogin(name),
  };
}

function known({ devices }: Engine, name: string): Target & { readonly row: DeviceRow } {
  const target = devices.target(name);
  const row = devices.row(name);
  if (target === null || row === null) throw new ActionError('not-found', `no device is called "${name}"`);
  return { ...target, row };
}

export function recordOf({ tls }: DesiredDevice, row: DeviceRow): Omit<CertificateLook, 'shown' | 'reason'> {
  const inFile = tls.mode === 'pin' ? tls.fingerprint256 : null;
  const seen = certificateOf(row);
  const pinned = tls.mode === 'pin' ? (inFile ?? row.fingerprint256) : (seen?.fingerprint256 ?? null);
  const recorded =
    pinned === null ? null : seen?.fingerprint256 === pinned ? seen : { ...UNSEEN, fingerprint256: pinned };
  return { tls: tls.mode, isPinnedInFile: inFile !== null, recorded };
}

const UNSEEN: Omit<RecordedCertificate, 'fingerprint256'> = {
  subject: null,
  issuer: null,
  validFrom: null,
  validTo: null,
  key: null,
};

/** Two units that changed places each answer with the other's serial number. */
function ownerOf({ devices, fleet }: Engine, serial: string | null, except: string): UnitLook['belongsTo'] {
  if (serial === null) return null;
  const owner = fleet.devices.find(({ name }) => name !== except && devices.row(name)?.serial === serial);
  return owner?.name ?? null;
}
