import {createPublicKey, createSecretKey, type KeyObject} from 'node:crypto';
import {createLocalJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify} from 'jose';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import type {ConnectingClient} from './admission.js';
import {type Admission, type Authenticator, refusedAdmission} from './admission.js';

/** How to verify a token, and what to use its claims for. Clients send the token as their password. */
export interface JwtOptions {
  /**
   * File with a JWK Set, a PEM public key or certificate, or the bytes of a shared secret. Exactly one of these is
   * set.
   */
  readonly jwksFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly algorithms?: readonly string[] | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Name of the claim with the user id to bind the session to, such as `sub`. */
  readonly userId?: string | undefined;
  /** Initial settings of the session: setting name to claim name. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

const symmetric = ['HS256', 'HS384', 'HS512'];
const asymmetric = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockToleranceSeconds = 5;
/** RFC 7518, section 3.2: a key must be at least as long as the hash. */
const minSecretBytes = 32;

/** Admits clients with a valid token that has an expiry. Rejects with UsageError if a key can't be used. */
export async function jwtAuthenticator(options: JwtOptions): Promise<Authenticator> {
  let keys = await keysOf(options);
  const known = options.secretFile === undefined ? asymmetric : symmetric;
  const {algorithms = known, issuer, audience} = options;
  const unknown = algorithms.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `invalid algorithm "${unknown}" of authenticate.jwt: the key allows ${known.join(', ')}`,
    );
  const rules = {
    algorithms: [...algorithms],
    requiredClaims: ['exp'],
    clockTolerance: clockToleranceSeconds,
    ...(issuer !== undefined && {issuer}),
    ...(audience !== undefined && {audience}),
  };
  return {
    reload: async () => {
      keys = await keysOf(options);
    },
    authenticate: async ({password}: ConnectingClient): Promise<Admission> => {
      if (password === undefined) return refusedAdmission('badCredentials');
      try {
        const token = Buffer.from(password).toString('latin1');
        const {payload} = await (typeof keys === 'function'
          ? jwtVerify(token, keys, rules)
          : jwtVerify(token, keys, rules));
        return admissionOf(payload, options);
      } catch (error) {
        if (error instanceof errors.JOSEError) return refusedAdmission('badCredentials');
        throw error;
      }
    },
  };
}

/**
 * Returns the admission for a verified token. Refuses the client if a required claim is missing or not a string,
 * number or boolean.
 */
function admissionOf(payload: JWTPayload, {userId, settings = {}}: JwtOptions): Admission {
  const uid = userId === undefined ? undefined : textOf(payload[userId]);
  if (userId !== undefined && (uid === undefined || uid === '')) return refusedAdmission('notAuthorized');
  const texts: Record<string, string> = {};
  for (const [name, claim] of Object.entries(settings)) {
    const text = textOf(payload[claim]);
    if (text === undefined) return refusedAdmission('notAuthorized');
    texts[name] = text;
  }
  return {allow: true, userId: uid, settings: texts, expiresAt: (payload.exp ?? 0) * 1000};
}

function textOf(claim: unknown): string | undefined {
  if (typeof claim === 'string') return claim;
  return typeof claim === 'number' || typeof claim === 'boolean' ? String(claim) : undefined;
}

async function keysOf({jwksFile, keyFile, secretFile}: JwtOptions): Promise<KeyObject | JWTVerifyGetKey> {
  const file = jwksFile ?? keyFile ?? secretFile ?? '';
  try {
    const bytes = await readBoundedFile(file);
    if (jwksFile !== undefined) return createLocalJWKSet(JSON.parse(bytes.toString()));
    if (keyFile !== undefined) return createPublicKey(bytes);
    if (bytes.length < minSecretBytes) throw new Error(`shorter than ${minSecretBytes} bytes`);
    return createSecretKey(bytes);
  } catch (cause) {
    throw new UsageError(`cannot use the key file "${file}": ${(cause as Error).message}`, {cause});
  }
}
