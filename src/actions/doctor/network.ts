import { isIP } from 'node:net';
import { RoomdError } from '../../lib/errors.ts';
import type { HttpResponse } from '../../lib/http-client.ts';
import { loginRefusal } from '../../xapi/envelope.ts';
import { XapiError } from '../../xapi/errors.ts';
import { toXapiError } from '../../xapi/failure.ts';
import { check, ok, type Verdict, wrong } from './check.ts';

const SLOW_MS = 1_000;
const DAY_MS = 86_400_000;

export const nameCheck = check({
  name: 'name',
  needs: [],
  async look({ desired: { host }, resolve }) {
    return isIP(host) === 0 ? await resolve(host) : null;
  },
  judge(addresses, { desired: { host } }) {
    if (addresses === null) return ok(`${host} is an address, no name is to be resolved`);
    if (addresses.length === 0) return noName(host);
    const of = (family: number) => addresses.filter((one) => one.family === family).map((one) => one.address);
    const [v4, v6] = [of(4), of(6)];
    const told = [v4.length > 0 ? `IPv4 ${v4.join(', ')}` : '', v6.length > 0 ? `IPv6 ${v6.join(', ')}` : ''];
    return ok(`${host} is ${told.filter(Boolean).join(' and ')}`);
  },
  failed: (_error, { desired: { host } }) => noName(host),
});

function noName(host: string): Verdict {
  return wrong(
    `the name ${host} does not resolve on this machine`,
    'correct host in the file, or the name server; an address works too',
  );
}

export const portCheck = check({
  name: 'port',
  needs: ['name'],
  async look({ desired: { host, port }, knock, monotonic }, options) {
    const begun = monotonic();
    await knock({ host, port }, options);
    return monotonic() - begun;
  },
  judge(tookMs, { desired: { host, port } }) {
    const found = `port ${port} of ${host} answers within ${Math.ceil(tookMs)} ms`;
    return tookMs < SLOW_MS
      ? ok(found)
      : ok(found, 'that is slow: see what lies between here and the device');
  },
  failed(error, { desired: { host, port } }) {
    const { message } = error;
    const told = (error.cause as { code?: unknown } | undefined)?.code;
    const code = typeof told === 'string' ? told : message;
    if (code.includes('ECONNREFUSED'))
      return wrong(
        `something is at ${host} and nothing listens on port ${port}`,
        'the device may be starting; else turn its web interface on (NetworkServices.HTTP.Mode: HTTPS), or correct the port in the file',
      );
    if (code.includes('EHOSTUNREACH') || code.includes('ENETUNREACH'))
      return wrong(`there is no way from here to ${host}`, 'see to the route or the network of this machine');
    return wrong(
      `nothing answers at ${host} port ${port}: ${message}`,
      'see whether the device is on and its cable in, and whether a firewall lets this machine through',
    );
  },
});

export const certificateCheck = check({
  name: 'certificate',
  needs: ['port'],
  async look({ showCertificate, link }, options) {
    const shown = await showCertificate(options);
    const refusal = await link.connect().then(
      () => null,
      (error: unknown) => toXapiError(error, 'the TLS handshake', options.signal),
    );
    return { shown, refusal };
  },
  judge({ shown, refusal }, { desired: { name, tls }, recorded, now }) {
    const until = new Date(shown.validTo).toISOString().slice(0, 10);
    const about = `${shown.fingerprint256}, valid until ${until}`;
    if (refusal instanceof XapiError && refusal.code === 'certificate-changed')
      return wrong(
        `it shows ${shown.fingerprint256}, and ${tls.mode === 'pin' && tls.fingerprint256 !== null ? 'the file' : 'the record'} has ${recorded.certificate?.fingerprint256 ?? 'another'}`,
        tls.mode === 'pin' && tls.fingerprint256 !== null
          ? 'if the new certificate is right, write its fingerprint under tls: pin: in the file'
          : `if the device was reset or given a new certificate: roomd trust ${name} --certificate; if not, something else answers there`,
      );
    if (refusal !== null)
      return wrong(
        refusal.message,
        tls.mode === 'ca'
          ? 'give the device a certificate of an authority that this machine trusts, name the authority under tls: ca:, or write tls: pin'
          : 'the sentence says what the handshake failed with',
      );
    if (shown.validTo < now())
      return ok(`${about}: it has expired`, 'under tls: pin that does no harm; browsers complain');
    const days = Math.floor((shown.validTo - now()) / DAY_MS);
    const advice = days < 30 ? `renew it: ${days} days are left` : null;
    if (tls.mode === 'insecure')
      return ok(`${about}; the file says tls: insecure, so nobody checks whose it is`, 'write tls: pin');
    if (tls.mode === 'ca') return ok(`${about}; an authority vouches for it`, advice);
    return ok(
      `${about}; ${recorded.certificate === null ? 'met for the first time' : 'the one on record'}`,
      advice,
    );
  },
  failed(error, { desired: { port } }) {
    if (error instanceof RoomdError && (error.code === 'deadline' || error.code === 'unreachable'))
      return wrong(
        `something accepts connections on port ${port} and does not speak TLS: ${error.message}`,
        'see what stands at that address: a device in trouble (restart it), a proxy, or another machine',
      );
    return wrong(error.message, 'only TLS 1.2 and later is spoken; see what stands at that address');
  },
});

export const httpCheck = check({
  name: 'http',
  needs: ['certificate'],
  look: ({ link }, options) => link.anonymous('/getxml?location=/Status/SystemUnit/Uptime', options),
  judge: judgeHttp,
  failed: (error) =>
    wrong(
      `it speaks TLS and does not answer HTTP: ${error.message}`,
      'the device may be starting or overloaded: try again, then restart it',
    ),
});

function judgeHttp(response: HttpResponse): Verdict {
  const { status } = response;
  if (loginRefusal(response, 'http') !== null) return ok('HTTPS is on and asks for a login');
  if (status === 503)
    return wrong(
      'the device has too much to do (HTTP 503)',
      'something else asks it too often; try again later',
    );
  if (status === 502 || status === 504)
    return wrong(`the device is starting (HTTP ${status})`, 'try again in a minute or two');
  if (status === 200 && /<Status\b/.test(response.body.subarray(0, 400).toString('utf8')))
    return ok(
      'HTTPS is on, and tells its status without a login',
      'that is unusual: see who stands before it',
    );
  return wrong(
    `what answers is no device of this kind: HTTP ${status} where a login was to be asked for`,
    'correct host and port in the file, or turn the XML API on (NetworkServices.HTTP.Mode: HTTPS)',
  );
}
