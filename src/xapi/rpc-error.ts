import { isRecord, textOf } from './document.ts';
import { XapiError, type XapiErrorCode } from './errors.ts';

/**
 * What a JSON-RPC error object means (codes: TG p24, pyxows; texts: RoomOS 11.33 and 26.5).
 * @param what the request, as the beginning of a sentence
 */
export function rpcError(error: unknown, what: string): XapiError {
  if (error instanceof XapiError) return error;
  const code = isRecord(error) ? Number(error['code']) : Number.NaN;
  const text = (isRecord(error) ? textOf(error['message']) : null) ?? 'it gave no reason';
  const cause = isRecord(error) && isRecord(error['data']) ? textOf(error['data']['Cause']) : null;
  return new XapiError(meaning(code, text, cause), `${what}: ${text}`, {
    details: { rpcCode: Number.isNaN(code) ? null : code, ...(cause === null ? {} : { cause }) },
  });
}

function meaning(code: number, text: string, cause: string | null): XapiErrorCode {
  switch (code) {
    case -32601:
      return 'unknown-path';
    case -32602:
      return /no match on path/i.test(text) ? 'unknown-path' : 'bad-value';
    case 1:
      return cause === '27' ? 'bad-value' : 'command-failed';
    case -31999:
      return 'permission';
    case -31997:
      return 'not-ready';
    default:
      return 'rejected';
  }
}
