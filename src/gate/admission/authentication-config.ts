import {UsageError} from '../../base/errors.js';
import {
  parseConfigObject,
  parseConfigString,
  parseConfigStrings,
  parseOptionalValue,
} from '../config/config-values.js';
import type {CertificateOptions} from './certificate-authenticator.js';
import type {JwtOptions} from './jwt-authenticator.js';
import type {ModuleAuthenticatorOptions} from './module-authenticator.js';
import type {PasswordFileOptions} from './password-file-authenticator.js';

/** How to authenticate clients: in one of four ways. */
export type AuthenticationConfig = (
  | ModuleAuthenticatorOptions
  | PasswordFileOptions
  | {readonly jwt: JwtOptions}
  | {readonly certificate: CertificateOptions}
) & {
  /** How long the same credentials are accepted without another check, in seconds. Not at all by default. */
  readonly cacheSeconds?: number | undefined;
};

const methods = ['function', 'passwordFile', 'jwt', 'certificate'] as const;
const maxCacheSeconds = 86_400;

/** Parses `authenticate` in a gate config. A string is the function of a module. Throws UsageError. */
export function parseAuthentication(value: unknown): AuthenticationConfig {
  const config = parseConfigObject(typeof value === 'string' ? {function: value} : value, 'authenticate');
  const given = methods.filter((way) => config[way] !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1)
    throw new UsageError(`authenticate requires exactly one of ${methods.join(', ')}`, {
      hint: 'for example "authenticate": "Login/Authenticate"',
    });
  return {
    ...parsers[way](config),
    cacheSeconds: parseOptionalValue(config['cacheSeconds'], parseCacheSeconds),
  };
}

/** Returns the files that this authentication reads. */
export function authenticationFiles(config: AuthenticationConfig): readonly string[] {
  if ('passwordFile' in config) return [config.passwordFile];
  if (!('jwt' in config)) return [];
  return keyFiles.map((name) => config.jwt[name]).filter((file) => file !== undefined);
}

type Fields = Readonly<Record<string, unknown>>;

const parsers: Readonly<Record<(typeof methods)[number], (fields: Fields) => AuthenticationConfig>> = {
  function: (fields) => {
    const {timeoutMs} = parseConfigObject(fields, 'authenticate', ['function', 'timeoutMs', 'cacheSeconds']);
    return {
      function: parseFunction(fields['function']),
      timeoutMs: parseOptionalValue(timeoutMs, (ms) => wholeNumber(ms, 'authenticate.timeoutMs', 60_000)),
    };
  },
  passwordFile: (fields) => {
    const {passwordFile, userId} = parseConfigObject(fields, 'authenticate', [
      'passwordFile',
      'userId',
      'cacheSeconds',
    ]);
    return {
      passwordFile: parseConfigString(passwordFile, 'authenticate.passwordFile'),
      userId: parseOptionalValue(userId, (from) => only(from, 'authenticate.userId', 'username')),
    };
  },
  jwt: (fields) => ({
    jwt: parseJwt(parseConfigObject(fields, 'authenticate', ['jwt', 'cacheSeconds'])['jwt']),
  }),
  certificate: (fields) => {
    const {certificate} = parseConfigObject(fields, 'authenticate', ['certificate', 'cacheSeconds']);
    const {userId} = parseConfigObject(certificate, 'authenticate.certificate', ['userId']);
    const from = parseOptionalValue(userId, (one) =>
      only(one, 'authenticate.certificate.userId', 'commonName'),
    );
    return {certificate: {userId: from}};
  },
};

function parseFunction(value: unknown): string {
  const name = parseConfigString(value, 'authenticate');
  if (/^[\w-]+(?:@[\w-]+)?\/\w+$/.test(name)) return name;
  throw new UsageError(
    `invalid authenticate ${JSON.stringify(name)}: expected a module type and its function`,
    {
      hint: 'for example "Login/Authenticate"',
    },
  );
}

const keyFiles = ['jwksFile', 'keyFile', 'secretFile'] as const;
const claims = ['issuer', 'audience', 'userId'] as const;

function parseJwt(value: unknown): JwtOptions {
  const fields = parseConfigObject(value, 'authenticate.jwt', [
    ...keyFiles,
    ...claims,
    'algorithms',
    'settings',
  ]);
  if (keyFiles.filter((name) => fields[name] !== undefined).length !== 1)
    throw new UsageError(`authenticate.jwt requires exactly one of ${keyFiles.join(', ')}`);
  const texts = [...keyFiles, ...claims].map((name) => [
    name,
    parseOptionalValue(fields[name], (text) => parseConfigString(text, `authenticate.jwt.${name}`)),
  ]);
  return {
    ...Object.fromEntries(texts),
    algorithms: parseOptionalValue(fields['algorithms'], (list) =>
      parseConfigStrings(list, 'authenticate.jwt.algorithms'),
    ),
    settings: parseOptionalValue(fields['settings'], (bag) =>
      Object.fromEntries(
        Object.entries(parseConfigObject(bag, 'authenticate.jwt.settings')).map(([name, claim]) => [
          name,
          parseConfigString(claim, `authenticate.jwt.settings.${name}`),
        ]),
      ),
    ),
  };
}

function only<T extends string>(value: unknown, what: string, known: T): T {
  if (value === known) return known;
  throw new UsageError(`invalid ${what} ${JSON.stringify(value)}: expected ${JSON.stringify(known)}`);
}

const parseCacheSeconds = (value: unknown): number =>
  wholeNumber(value, 'authenticate.cacheSeconds', maxCacheSeconds);

function wholeNumber(value: unknown, what: string, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`invalid ${what} ${JSON.stringify(value)}: expected a whole number from 1 to ${most}`);
}
