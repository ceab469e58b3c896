import {UsageError} from '../../base/errors.js';
import {hiddenSecretText, secretNamePattern} from '../../session/secret-names.js';
import {type FlagValues, globalFlags} from '../settings/global-flags.js';

/**
 * Throws UsageError if --server, --registry or --stock-store contains a password or token, because every user of the machine
 * can read the command line. Use environment variables or files instead. The message never quotes the URL.
 */
export function refuseSecretsOnArgv({server, registry, stockStore}: FlagValues): void {
  if (typeof server === 'string' && isSecretServer(decoded(server)))
    throw refusal('--server', 'use --user, and GATECTL_PASSWORD or --password-file; or set GATECTL_SERVER');
  if (typeof registry === 'string' && isSecretRegistry(decoded(registry)))
    throw refusal(
      '--registry',
      'use --registry-user, and GATECTL_REGISTRY_PASSWORD or --registry-password-file; for consul GATECTL_REGISTRY_TOKEN',
    );
  if (typeof stockStore === 'string' && hasUrlPassword(stockStore))
    throw refusal('--stock-store', 'put the password in a file: redis://host?password-file=/path');
}

/** Matches flags of other tools whose value may be a secret. `--key` names a setting. */
const secretFlag = /^-P$|^--?(?:auth|pw)|pass|secret|token|cred|seed|jwt|nkey|(?:api|access|private)-?key/i;

/** Values up to this length are not masked, because they also occur inside other words. */
const maxHarmless = 3;

/** Replaces the values of unknown flags that may be secrets, such as `--seed SU…`, in a message about the command line. */
export function maskArgvSecrets(text: string, argv: readonly string[]): string {
  const values = argv.flatMap((word, at) => {
    const [, attached] = /^-[pPa](?!=)(.+)$/s.exec(word) ?? [];
    if (attached !== undefined && !/^-[a-z]+=/i.test(word) && attached.length > maxHarmless)
      return [attached];
    const [, name = '', inline] = /^(--?[\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    const isKnown = globalFlags.some(({long}) => long === name);
    const next = argv[at + 1] ?? '';
    const value = inline ?? (next.startsWith('-') ? '' : next);
    const isSecret = secretFlag.test(name) && !isKnown;
    return isSecret && value.length > maxHarmless ? [value] : [];
  });
  return values.reduce((shown, value) => shown.replaceAll(value, hiddenSecretText), text);
}

/** Whether a store URL contains a password. */
export const hasUrlPassword = (url: string): boolean => /^[a-z+]+:\/*[^/@:]*:[^/@]+@/i.test(decoded(url));

const refusal = (flag: string, hint: string): UsageError =>
  new UsageError(
    `${flag}: passwords and tokens are not accepted on the command line, where others can read them`,
    {
      hint,
    },
  );

/** Whether a server URL contains a secret. NATS treats a user name without a password as a token. */
const isSecretServer = (url: string): boolean => url.includes('@') || hasSecretParameter(url);

/** Whether a registry URL contains a secret. An etcd URL may have just a user name; node ids in a static list contain `@`. */
function isSecretRegistry(url: string): boolean {
  if (/^static:/i.test(url)) return false;
  if (hasSecretParameter(url)) return true;
  return /^etcds?:/i.test(url) ? /^etcds?:\/*[^@]*:[^@]*@/i.test(url) : url.includes('@');
}

function hasSecretParameter(url: string): boolean {
  const [, ...parameters] = url.split(/[?&;#]/);
  return parameters.some((parameter) => {
    const [name = ''] = parameter.split('=', 1);
    return secretNamePattern.test(name) || /^(?:user|pw|pwd|auth|jwt|seed|nkey)/i.test(name);
  });
}

/** Decodes percent-encoding, repeatedly if it was applied repeatedly. Leaves malformed sequences as they are. */
function decoded(text: string): string {
  const once = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return once === text ? text : decoded(once);
}
