import {promises as fs} from 'node:fs';
import path from 'node:path';
import {readBoundedFileSync, readRegularFileSync} from '../../base/bounded-file.js';
import {DecodeError, UsageError} from '../../base/errors.js';
import type {Secret} from '../../cluster/open-cluster.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import type {FlagValues} from './global-flags.js';
import {userFolder} from './home-folder.js';

/** Credentials that stand in a context of natscli itself: used for connecting, and never shown. */
export interface NatsContextSecrets {
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  /** Seed of an nkey, or of the user that a JWT names. */
  readonly seed?: Secret | undefined;
  readonly jwt?: Secret | undefined;
}

/** What a context of natscli says, in the words of our flags. */
export interface NatsContext {
  readonly values: FlagValues;
  readonly secrets: NatsContextSecrets;
}

export type NatsContextReader = (name: string) => Promise<NatsContext>;

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/nats/context`, or `~/.config/nats/context`: where natscli keeps its contexts. */
export function natsContextFolder(env: Environment, home: string | undefined): string {
  const folder = userFolder(env, home, {variable: 'XDG_CONFIG_HOME', below: ['.config']});
  if (folder !== undefined) return path.join(folder, 'nats', 'context');
  throw new UsageError('no folder for contexts of natscli: there is no home folder', {
    hint: 'set HOME or XDG_CONFIG_HOME to an absolute path',
  });
}

/** Names of the contexts in the folder; none where there is none. UsageError when it cannot be read. */
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
 * Reads contexts of natscli as they are (jsm.go, natscontext). Of several kinds of credentials user and password come
 * before a credentials file, an nkey, a JWT with its seed; more than one kind is an error, as it is there.
 */
export function natsContextReader(folder: string, env: Environment, home = ''): NatsContextReader {
  return async (name) => {
    if (!/^[^/\\\p{C}]{1,100}$/u.test(name) || name.startsWith('.')) {
      throw new UsageError(`"${name}" cannot be a context of natscli`);
    }
    const file = path.join(folder, `${name}.json`);
    const said = await fieldsOf(file, name);
    return translated(file, said, {env, home});
  };
}

/** The fields that say something; `true` is the text of it. */
async function fieldsOf(file: string, name: string): Promise<ReadonlyMap<string, string>> {
  let content: unknown;
  try {
    content = parseStrictJson(readRegularFileSync(file).toString());
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isAbsent) throw new UsageError(`natscli has no context "${name}"`, {hint: 'nats context ls', cause});
    throw new UsageError(`the context file "${file}" of natscli cannot be read${ambiguity(cause)}`, {cause});
  }
  if (content === null || typeof content !== 'object') {
    throw new UsageError(`the context file "${file}" of natscli is no JSON object`);
  }
  const said = Object.entries(content).filter(
    ([, value]) => (typeof value === 'string' && value !== '') || value === true,
  );
  return new Map(said.map(([field, value]) => [field, String(value)]));
}

/** Without the words of the error, which may be a secret. */
const ambiguity = (cause: unknown): string =>
  cause instanceof DecodeError
    ? `: a key that stands twice, or a number that would be rounded, at byte ${cause.offset}`
    : '';

interface Surroundings {
  readonly env: Environment;
  readonly home: string;
}

async function translated(
  file: string,
  said: ReadonlyMap<string, string>,
  around: Surroundings,
): Promise<NatsContext> {
  const kinds = ['user', 'creds', 'nkey', 'nsc', 'user_jwt'].filter((field) => said.has(field));
  if (kinds.length > 1) {
    throw new UsageError(`the context file "${file}" of natscli has too many types of credentials`, {
      hint: `keep one of ${kinds.join(', ')}`,
    });
  }
  for (const field of ['nsc', 'socks_proxy', 'windows_cert_store']) {
    if (said.has(field))
      throw new UsageError(`the context file "${file}" of natscli wants "${field}", which gatectl cannot do`);
  }
  const secret = (field: string) => resolved(said.get(field), field, file, around);
  const file_ = (field: string) => expanded(fileName(said.get(field), field, file), around);
  const values: FlagValues = defined({
    server: said.get('url'),
    user: said.get('user'),
    creds: file_('creds'),
    nkey: file_('nkey'),
    tlsCa: expanded(said.get('ca'), around),
    tlsCert: expanded(said.get('cert'), around),
    tlsKey: expanded(said.get('key'), around),
    inboxPrefix: said.get('inbox_prefix'),
    jsDomain: said.get('jetstream_domain'),
    jsApiPrefix: said.get('jetstream_api_prefix'),
    tlsFirst: said.get('tls_first') === 'true' ? true : undefined,
  });
  const [password, token, jwt, seed] = ['password', 'token', 'user_jwt', 'user_seed'].map(secret);
  return {values, secrets: {password, token, jwt, seed}};
}

const defined = (values: Readonly<Record<string, string | boolean | undefined>>): FlagValues =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as FlagValues;

/** `~` and `$NAME` in file names, as natscli has them. */
function expanded(name: string | undefined, {env, home}: Surroundings): string | undefined {
  return name
    ?.replace(/^~(?=\/|$)/, home)
    .replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, plain) => env[String(braced ?? plain)] ?? '');
}

/** A bare path or `file://`; what would have to be fetched or run for is refused. */
function fileName(value: string | undefined, field: string, file: string): string | undefined {
  const scheme = /^([a-z]+):/.exec(value ?? '')?.[1];
  if (scheme === undefined) return value;
  if (value?.startsWith('file://')) return value.slice('file://'.length);
  throw unsupported(scheme, field, file);
}

/**
 * A secret as it stands there, or from `env://NAME`, `file://…` or `data:;base64,…`. No program is ever run for one. What
 * comes from a file is read again for each sign-in.
 */
function resolved(
  value: string | undefined,
  field: string,
  file: string,
  around: Surroundings,
): Secret | undefined {
  const [, scheme, rest = ''] = /^(env|file|data|op|nsc):(?:\/\/)?(.*)$/s.exec(value ?? '') ?? [];
  switch (scheme) {
    case undefined:
      return value === undefined ? undefined : () => inlineSecret(file, field) ?? value;
    case 'env':
      return around.env[rest];
    case 'file': {
      const read = (): string => secretIn(expanded(rest, around) ?? '', field, file);
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
    throw new UsageError(`cannot read "${field}" of the natscli context "${file}" from "${secretFile}"`, {
      cause,
    });
  }
}

/** The field as it stands in the file now; undefined when it is gone or was moved elsewhere. */
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
    `"${field}" of the natscli context "${file}" is a "${scheme}:" reference, which gatectl cannot follow`,
    {
      hint: 'a file, env:// or the value itself',
    },
  );
