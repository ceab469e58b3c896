import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {DecodeError, UsageError} from '../../base/errors.js';
import {readBoundedFileSync, readRegularFileSync} from '../../base/files/bounded-file.js';
import type {Secret} from '../../cluster/gates/open-cluster.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import type {FlagValues} from './global-flags.js';
import {xdgFolder} from './home-folder.js';

/** Credentials in a natscli context. Used for connecting, never shown. */
interface NatsContextSecrets {
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Seed of an nkey, or of the user in the JWT. */
  readonly seed?: Secret | undefined;
  readonly jwt?: Secret | undefined;
}

/** A natscli context, converted to gatectl flags and secrets. */
export interface NatsContext {
  readonly values: FlagValues;
  readonly secrets: NatsContextSecrets;
}

export type NatsContextReader = (name: string) => Promise<NatsContext>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns natscli's context folder: `$XDG_CONFIG_HOME/nats/context` or `~/.config/nats/context`. Throws UsageError. */
export function natsContextFolder(env: Environment, home: string | undefined): string {
  const folder = xdgFolder(env, home, {variable: 'XDG_CONFIG_HOME', below: ['.config']});
  if (folder !== undefined) return path.join(folder, 'nats', 'context');
  throw new UsageError('cannot read natscli contexts: no home folder', {
    hint: 'set HOME or XDG_CONFIG_HOME to an absolute path',
  });
}

/** Lists the contexts in a folder; empty if it does not exist. Rejects with UsageError if it can't be read. */
export async function natsContextNames(folder: string): Promise<readonly string[]> {
  const files = await fs.readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return [];
    throw new UsageError(`cannot read the folder "${folder}": ${cause.code}`, {cause});
  });
  return files
    .filter((file) => /^[^.].*\.json$/.test(file))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * Returns a reader of natscli contexts (file format: package natscontext of jsm.go). A context with more than one kind of
 * credentials (user, creds, nkey, nsc, user JWT) is an error, as in natscli.
 */
export function natsContextReader(folder: string, env: Environment, home = ''): NatsContextReader {
  return async (name) => {
    if (!/^[^/\\\p{C}]{1,100}$/u.test(name) || name.startsWith('.')) {
      throw new UsageError(`invalid natscli context name "${name}"`);
    }
    const file = path.join(folder, `${name}.json`);
    const fields = await fieldsOf(file, name);
    return toNatsContext(file, fields, {env, home});
  };
}

/** Reads the non-empty fields of a context file as strings; `true` becomes the string `true`. Rejects with UsageError. */
async function fieldsOf(file: string, name: string): Promise<ReadonlyMap<string, string>> {
  let content: unknown;
  try {
    content = parseStrictJson(readRegularFileSync(file).toString());
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT')
      throw new UsageError(`natscli has no context "${name}"`, {hint: 'nats context ls', cause});
    throw new UsageError(`cannot read the natscli context file "${file}": ${readFault(cause)}`, {
      cause,
    });
  }
  if (content === null || typeof content !== 'object') {
    throw new UsageError(`invalid natscli context file "${file}": not a JSON object`);
  }
  const fields = Object.entries(content).filter(
    ([, value]) => (typeof value === 'string' && value !== '') || value === true,
  );
  return new Map(fields.map(([field, value]) => [field, String(value)]));
}

/** Describes a decoding error without quoting its message, which may contain a secret. */
/** Says why a context file cannot be read. Not with the message of JSON.parse, which quotes the file and thus its secrets. */
function readFault(cause: unknown): string {
  if (cause instanceof DecodeError)
    return `a duplicate key, or a number that would be rounded, at byte ${cause.offset}`;
  return cause instanceof SyntaxError ? 'invalid JSON' : errorCodeOrText(cause);
}

interface ExpansionDeps {
  readonly env: Environment;
  readonly home: string;
}

async function toNatsContext(
  file: string,
  fields: ReadonlyMap<string, string>,
  deps: ExpansionDeps,
): Promise<NatsContext> {
  const kinds = ['user', 'creds', 'nkey', 'nsc', 'user_jwt'].filter((field) => fields.has(field));
  if (kinds.length > 1) {
    throw new UsageError(`the natscli context file "${file}" has more than one kind of credentials`, {
      hint: `keep only one of ${kinds.join(', ')}`,
    });
  }
  for (const field of ['nsc', 'socks_proxy', 'windows_cert_store']) {
    if (fields.has(field))
      throw new UsageError(
        `the natscli context file "${file}" has "${field}", which gatectl does not support`,
      );
  }
  const secret = (field: string) => resolved(fields.get(field), field, file, deps);
  const fileOf = (field: string) => expanded(fileName(fields.get(field), field, file), deps);
  const values: FlagValues = defined({
    server: fields.get('url'),
    user: fields.get('user'),
    creds: fileOf('creds'),
    nkey: fileOf('nkey'),
    tlsCa: expanded(fields.get('ca'), deps),
    tlsCert: expanded(fields.get('cert'), deps),
    tlsKey: expanded(fields.get('key'), deps),
    inboxPrefix: fields.get('inbox_prefix'),
    jsDomain: fields.get('jetstream_domain'),
    jsApiPrefix: fields.get('jetstream_api_prefix'),
    tlsFirst: fields.get('tls_first') === 'true' ? true : undefined,
  });
  const [password, token, jwt, seed] = ['password', 'token', 'user_jwt', 'user_seed'].map(secret);
  return {values, secrets: {password, token, jwt, seed}};
}

const defined = (values: Readonly<Record<string, string | boolean | undefined>>): FlagValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as FlagValues;

/** Expands `~` and `$NAME` in a file name, as natscli does. */
function expanded(name: string | undefined, {env, home}: ExpansionDeps): string | undefined {
  return name
    ?.replace(/^~(?=\/|$)/, home)
    .replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, plain) => env[String(braced ?? plain)] ?? '');
}

/** Returns a file path from a plain path or a `file://` URL. Throws UsageError for schemes that need a network call or program. */
function fileName(value: string | undefined, field: string, file: string): string | undefined {
  const scheme = /^([a-z]+):/.exec(value ?? '')?.[1];
  if (scheme === undefined) return value;
  if (value?.startsWith('file://')) return value.slice('file://'.length);
  throw unsupported(scheme, field, file);
}

/**
 * Resolves a secret from a literal, `env://NAME`, `file://…` or `data:;base64,…`. Never runs a program. A secret in a file is
 * read again at each sign-in. Throws UsageError for other schemes.
 */
function resolved(
  value: string | undefined,
  field: string,
  file: string,
  deps: ExpansionDeps,
): Secret | undefined {
  const [, scheme, rest = ''] = /^(env|file|data|op|nsc):(?:\/\/)?(.*)$/s.exec(value ?? '') ?? [];
  switch (scheme) {
    case undefined:
      return value === undefined ? undefined : () => inlineSecret(file, field) ?? value;
    case 'env':
      return deps.env[rest];
    case 'file': {
      const read = (): string => secretIn(expanded(rest, deps) ?? '', field, file);
      read();
      return read;
    }
    case 'data':
      return Buffer.from(rest.replace(/^;base64,/, ''), 'base64')
        .toString('utf8')
        .trim();
    default:
      throw unsupported(scheme, field, file);
  }
}

function secretIn(secretFile: string, field: string, file: string): string {
  try {
    return readBoundedFileSync(secretFile).toString().trim();
  } catch (cause) {
    throw new UsageError(
      `cannot read "${field}" of natscli context "${file}" from "${secretFile}": ${errorCodeOrText(cause)}`,
      {
        cause,
      },
    );
  }
}

/** Reads a literal secret from the context file again; undefined if it has been removed or replaced by a reference. */
function inlineSecret(file: string, field: string): string | undefined {
  const {[field]: value} = JSON.parse(readBoundedFileSync(file).toString()) as Readonly<
    Record<string, unknown>
  >;
  return typeof value === 'string' && value !== '' && !/^(env|file|data|op|nsc):/.test(value)
    ? value
    : undefined;
}

const unsupported = (scheme: string, field: string, file: string): UsageError =>
  new UsageError(
    `"${field}" of natscli context "${file}" is a "${scheme}:" reference, which gatectl does not support`,
    {
      hint: 'use a file, env:// or a literal value',
    },
  );
