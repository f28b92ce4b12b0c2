import type {
  DesiredBranding,
  DesiredCertificate,
  DesiredContent,
  DesiredDeviceMacro,
  DesiredPanel,
  DesiredSoftware,
} from '../fleet.ts';

/** What one layer puts onto devices besides settings, each thing by what tells it from others. */
export interface LayerContent {
  /** By PanelId. */
  readonly panels: ReadonlyMap<string, DesiredPanel>;
  /** By name. */
  readonly deviceMacros: ReadonlyMap<string, DesiredDeviceMacro>;
  /** By type. */
  readonly branding: ReadonlyMap<string, DesiredBranding>;
  /** By fingerprint. */
  readonly authorities: ReadonlyMap<string, DesiredCertificate>;
  readonly service: readonly DesiredCertificate[];
  readonly software: DesiredSoftware | null;
  readonly prune: DesiredContent['prune'] | null;
}

/**
 * Lays the contents of layers over one another, farthest first. Things add up;
 * of two with the same id the nearest wins. Of a device's own certificates the
 * nearest wins for each purpose, and one that is left without any is dropped.
 * Undefined where no layer names anything.
 */
export function overlayContent(layers: readonly LayerContent[]): DesiredContent | undefined {
  if (layers.length === 0) return undefined;
  const joined = <Value>(pick: (layer: LayerContent) => ReadonlyMap<string, Value>): Value[] => [
    ...new Map(layers.flatMap((layer) => [...pick(layer)])).values(),
  ];
  return {
    panels: joined(({ panels }) => panels),
    deviceMacros: joined(({ deviceMacros }) => deviceMacros),
    branding: joined(({ branding }) => branding),
    certificates: [...joined(({ authorities }) => authorities), ...serviceCertificates(layers)],
    software: layers.findLast(({ software }) => software !== null)?.software ?? null,
    prune: layers.findLast(({ prune }) => prune !== null)?.prune ?? 'own',
  };
}

function serviceCertificates(layers: readonly LayerContent[]): DesiredCertificate[] {
  const taken = new Set<string>();
  const kept: DesiredCertificate[] = [];
  for (const { service } of layers.toReversed()) {
    for (const certificate of service) {
      const purposes = certificate.purposes.filter((purpose) => !taken.has(purpose));
      for (const purpose of purposes) taken.add(purpose);
      if (purposes.length === certificate.purposes.length) kept.push(certificate);
      else if (purposes.length > 0) kept.push({ ...certificate, purposes });
    }
  }
  return kept;
}
