import { Wrong } from '../forms.ts';

/** A MAC address however it is written, also as the name of a phone (`SEP001122334455`); comes back as `00:11:22:33:44:55`. */
export function readMac(text: string): string | Wrong {
  const digits = text.trim().replace(/^SEP/i, '').replaceAll(/[:.-]/g, '');
  if (/^[0-9a-f]{12}$/i.test(digits)) return (digits.toUpperCase().match(/../g) ?? []).join(':');
  return new Wrong(`"${text}" is no MAC address: write twelve hex digits, such as 00:11:22:33:44:55.`);
}

/** A serial number, in upper case. */
export function readSerial(text: string): string | Wrong {
  const serial = text.trim().toUpperCase();
  if (/^[0-9A-Z-]{4,32}$/.test(serial)) return serial;
  return new Wrong(`"${text}" is no serial number: write it as the device shows it, such as FOC1923NVVN.`);
}
