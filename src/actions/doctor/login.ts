import { readAccount } from '../../fleet/account-check.ts';
import { accountOf } from '../../fleet/account-role.ts';
import { XapiError } from '../../xapi/errors.ts';
import { check, ok, skipped, type Verdict, wrong } from './check.ts';

export const loginCheck = check({
  name: 'login',
  needs: ['http'],
  async look({ link }, options) {
    const { status } = await link.begin(options);
    return { status, hasSession: link.hasSession };
  },
  judge: ({ status, hasSession }) =>
    hasSession
      ? ok('the device takes the login and begins a session')
      : ok(
          `the device begins no sessions (HTTP ${status}): each request carries the login`,
          'it takes one such request a second, so everything is slow; newer software has sessions',
        ),
  failed(error, { desired: { name, username, credential } }) {
    const code = error instanceof XapiError ? error.code : null;
    if (code === 'login-refused')
      return wrong(
        `the device refuses the user name "${username}" or its password`,
        `correct credentials.${credential} in the file (who is locked out waits); roomd sends this password no second time until: roomd trust ${name} --retry-login`,
      );
    if (code === 'login-blocked')
      return wrong(
        `nothing was sent: ${error.message}`,
        `correct credentials.${credential} in the file; if the password is right: roomd trust ${name} --retry-login`,
      );
    if (code === 'busy')
      return wrong(error.message, 'all sessions may be taken: end some on the device, or try again later');
    return wrong(error.message, 'try again; if it stays, restart the device');
  },
});

export const unitCheck = check({
  name: 'unit',
  needs: ['login'],
  look: ({ device }, options) => device.identify(options),
  judge({ product, software, serial }, { recorded, desired: { name, host } }) {
    const who = `${product}, ${software}, serial number ${serial}`;
    if (recorded.serial !== null && recorded.serial !== serial)
      return anotherUnit(
        `the device at ${host} has the serial number ${serial}, and ${name} is ${recorded.serial}`,
        name,
      );
    return ok(`${who}, ${recorded.serial === null ? 'met for the first time' : 'as on record'}`);
  },
  failed: (error, { desired: { name } }) =>
    error instanceof XapiError && error.code === 'serial-changed'
      ? anotherUnit(error.message, name)
      : wrong(error.message, 'try again; the device may be starting'),
});

function anotherUnit(found: string, name: string): Verdict {
  return wrong(
    found,
    `if the unit was replaced on purpose: roomd replace ${name}; if two changed places, correct host in the file`,
  );
}

export const roleCheck = check({
  name: 'role',
  needs: ['unit'],
  look: ({ device, desired }, options) => readAccount(device, accountOf(desired), options),
  judge({ roles, lack }, { desired }) {
    const wanted = accountOf(desired);
    if (lack !== null)
      return wrong(
        lack,
        `give the account the role ${wanted.roles.join(' and ')} on the device, or write what it is as role under credentials.${wanted.name}`,
      );
    return roles === null
      ? skipped('the device does not tell the roles of the account')
      : ok(`the account has ${roles.join(' and ')}`);
  },
  failed: (error) => skipped(`the device could not be asked for the roles: ${error.message}`),
});

const TOTAL = 'Security.Session.MaxTotalSessions';
const PER_USER = 'Security.Session.MaxSessionsPerUser';

export const sessionsCheck = check({
  name: 'sessions',
  needs: ['unit'],
  async look({ device }, options) {
    const leaves = await device.command('Security.Session.List', {}, options);
    const document = await device.readConfiguration(options);
    const limit = (path: string): number | null => {
      const value = document.find(path)?.value;
      return value === undefined ? null : Number(value);
    };
    const numbers = new Set([...leaves.keys()].map((path) => /^Session\[(\d+)\]/.exec(path)?.[1] ?? path));
    const users = [...leaves].filter(([path]) => /\.UserName$/i.test(path)).map(([, value]) => value);
    return { open: numbers.size, users, total: limit(TOTAL), perUser: limit(PER_USER) };
  },
  judge({ open, users, total, perUser }, { desired: { username } }) {
    const ours = users.filter((user) => user === username).length;
    const found = `${open} of ${total ?? 'an unknown number of'} sessions are open, ${ours} of them by ${username}`;
    const isFull = (total !== null && open >= total) || (perUser !== null && ours >= perUser);
    if (isFull)
      return wrong(
        `${found}: none is left, and nobody can log in, on its web page either`,
        'end those that nobody uses (xCommand Security Session Terminate), or restart the device',
      );
    const isTight = total !== null && open > total * 0.8;
    return isTight ? ok(found, 'something opens sessions and leaves them open; see who') : ok(found);
  },
  failed: (error) => skipped(`the device does not tell its sessions: ${error.message}`),
});
