import type { XmlElement } from '../lib/xml/element.ts';
import type { ValueSpace } from '../schema/product-schema.ts';
import type { DeviceValueSpace } from './device.ts';

/** Reads the root element of /valuespace.xml; names are those of `valueSpaceRefs`. A type that is not known has no space. */
export function readValueSpaces(root: XmlElement): Map<string, DeviceValueSpace> {
  return new Map(
    root.children.map((element) => [
      element.name,
      { space: spaceOf(element), hidden: textOfChild(element, 'HiddenValue')?.toLowerCase() === 'true' },
    ]),
  );
}

function spaceOf(element: XmlElement): ValueSpace | null {
  switch (element.attributes['type'] ?? '') {
    case 'Integer':
      return {
        type: 'Integer',
        min: numberOf(element, 'Min'),
        max: numberOf(element, 'Max'),
        step: numberOf(element, 'Step'),
      };
    case 'Literal':
      return {
        type: 'Literal',
        values: element.children.filter(({ name }) => name === 'Value').map(({ text }) => text),
      };
    case 'String':
      return {
        type: 'String',
        minLength: numberOf(element, 'MinLength') ?? 0,
        maxLength: numberOf(element, 'MaxLength'),
      };
    default:
      return null;
  }
}

function textOfChild(element: XmlElement, name: string): string | null {
  return element.children.find((child) => child.name === name)?.text.trim() ?? null;
}

function numberOf(element: XmlElement, name: string): number | null {
  const text = textOfChild(element, name);
  if (text === null || text === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
