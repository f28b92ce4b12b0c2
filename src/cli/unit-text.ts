import type { UnitLook } from '../actions/ports/trust.ts';

/** Who is on record, and who answers now or why that cannot be read. */
export function unitLookLines(name: string, { recorded, shown, failure }: UnitLook): string[] {
  const { serial, product, software } = recorded;
  return [
    serial === null
      ? `No serial number of ${name} is on record yet.`
      : `On record: ${serial}, ${product ?? 'of an unknown product'}, software ${software ?? 'unknown'}`,
    shown === null
      ? `Who answers now cannot be read: ${failure?.reason ?? 'it does not say why'}`
      : `Answers now: ${shown.serial}, ${shown.product}, software ${shown.software}`,
  ];
}
