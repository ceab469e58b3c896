import {UsageError} from '../../base/errors.js';
import {secretName} from '../../session/secret-names.js';
import type {FlagValues} from '../settings/global-flags.js';

/**
 * Throws UsageError if --server or --registry contains a password or token, because every user of the machine can read a
 * command line. Environment variables and files may contain them. The message never quotes the URL.
 */
export function refuseSecretsOnArgv({server, registry, stockStore}: FlagValues): void {
  if (typeof server === 'string' && isSecretServer(decoded(server)))
    throw refusal('--server', 'use --user, and GATECTL_PASSWORD or --password-file; or set GATECTL_SERVER');
  if (typeof registry === 'string' && isSecretRegistry(decoded(registry)))
    throw refusal(
      '--registry',
      'use --registry-user, and GATECTL_REGISTRY_PASSWORD or --registry-password-file; for consul GATECTL_REGISTRY_TOKEN',
    );
  if (typeof stockStore === 'string' && hasPassword(stockStore))
    throw refusal('--stock-store', 'put it into a file: redis://host?password-file=/path');
}

/** Whether a store URL contains a password. */
export const hasPassword = (url: string): boolean => /^[a-z+]+:\/*[^/@:]*:[^/@]+@/i.test(decoded(url));

const refusal = (flag: string, hint: string): UsageError =>
  new UsageError(`${flag}: a password or token does not belong on a command line, where others can read it`, {
    hint,
  });

/** NATS treats a user name without a password as a token. */
const isSecretServer = (url: string): boolean => url.includes('@') || hasSecretParameter(url);

/** An etcd URL may contain a user name without a password. Node ids in a static list contain an `@`. */
function isSecretRegistry(url: string): boolean {
  if (/^static:/i.test(url)) return false;
  if (hasSecretParameter(url)) return true;
  return /^etcds?:/i.test(url) ? /^etcds?:\/*[^@]*:[^@]*@/i.test(url) : url.includes('@');
}

function hasSecretParameter(url: string): boolean {
  const [, ...parameters] = url.split(/[?&;#]/);
  return parameters.some((parameter) => {
    const [name = ''] = parameter.split('=', 1);
    return secretName.test(name) || /^(?:user|pw|pwd|auth|jwt|seed|nkey)/i.test(name);
  });
}

/** Undoes percent-encoding, also when applied repeatedly. Leaves malformed sequences as they are. */
function decoded(text: string): string {
  const once = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return once === text ? text : decoded(once);
}
