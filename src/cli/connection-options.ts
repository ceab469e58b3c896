import {readBoundedFile} from '../bounded-file.js';
import {UsageError} from '../errors.js';
import {type ContextStore, parseContextName} from './contexts.js';
import type {TextName} from './global-flags.js';
import {
  anySwitchedOn,
  contextLayer,
  type Environment,
  environmentLayer,
  flagLayer,
  type Layer,
  natsContextLayer,
  natsEnvironmentLayer,
  type Setting,
  textSetting,
} from './layers.js';
import type {Secrets} from './nats-context.js';
import {parseDurationMs} from './parsers.js';

/** How to reach a cluster, each value with who said it. */
export interface ConnectionSettings {
  readonly server: Setting<string>;
  readonly registry: Setting<string>;
  readonly gateType: Setting<string>;
  readonly timeoutMs: Setting<number>;
  readonly creds: Setting<string> | undefined;
  readonly nkey: Setting<string> | undefined;
  readonly user: Setting<string> | undefined;
  readonly passwordFile: Setting<string> | undefined;
  readonly tokenFile: Setting<string> | undefined;
  readonly inboxPrefix: Setting<string> | undefined;
  readonly tlsCa: Setting<string> | undefined;
  readonly tlsCert: Setting<string> | undefined;
  readonly tlsKey: Setting<string> | undefined;
  readonly tlsFirst: Setting<boolean> | undefined;
  readonly registryUser: Setting<string> | undefined;
  readonly registryPasswordFile: Setting<string> | undefined;
  readonly registryTokenFile: Setting<string> | undefined;
  readonly registryCa: Setting<string> | undefined;
  readonly registryCert: Setting<string> | undefined;
  readonly registryKey: Setting<string> | undefined;
  /** Set when anything said read-only: no layer can lift what another has laid on. */
  readonly readOnly: Setting<boolean> | undefined;
  /** Set when anything asks for a reason with every write. */
  readonly requireReason: Setting<boolean> | undefined;
  /** The context of natscli that was consulted. */
  readonly natsContext: Setting<string> | undefined;
  /** Of that context, unless other credentials were given; never shown. */
  readonly secrets: Secrets;
  /** The context that was consulted, and who chose it. */
  readonly context: Setting<string> | undefined;
}

const defaultServer = 'nats://127.0.0.1:4222';

/** Flag, environment (ours, then natscli's), named context, selected context, default: the first that speaks wins, flag by flag. */
export async function resolveConnection(
  flags: Layer['values'],
  env: Environment,
  contexts: ContextStore,
): Promise<ConnectionSettings> {
  const spoken = [flagLayer(flags), environmentLayer(env), natsEnvironmentLayer(env)];
  const context = await chosenContext(spoken, contexts);
  const own =
    context === undefined
      ? spoken
      : [...spoken, contextLayer(context.value, await contexts.read(context.value))];
  const {natsContext, layers, secrets} = await withNatsContext(own, contexts);
  const text = (name: TextName) => textSetting(layers, name, notEmpty);
  return {
    server: text('server') ?? byDefault(defaultServer),
    registry: withoutSecret(text('registry') ?? byDefault('nats://')),
    gateType: text('gateType') ?? byDefault('Gate'),
    timeoutMs: textSetting(layers, 'timeout', parseDurationMs) ?? byDefault(2000),
    creds: text('creds'),
    nkey: text('nkey'),
    user: text('user'),
    passwordFile: text('passwordFile'),
    tokenFile: text('tokenFile'),
    inboxPrefix: text('inboxPrefix'),
    tlsCa: text('tlsCa'),
    tlsCert: text('tlsCert'),
    tlsKey: text('tlsKey'),
    tlsFirst: anySwitchedOn(layers, 'tlsFirst'),
    registryUser: text('registryUser'),
    registryPasswordFile: text('registryPasswordFile'),
    registryTokenFile: text('registryTokenFile'),
    registryCa: text('registryCa'),
    registryCert: text('registryCert'),
    registryKey: text('registryKey'),
    readOnly: anySwitchedOn(layers, 'readOnly'),
    requireReason: anySwitchedOn(layers, 'requireReason'),
    natsContext,
    secrets,
    context,
  };
}

const credentialNames = ['user', 'creds', 'nkey', 'passwordFile', 'tokenFile'] as const;

/** natscli's context speaks last; its credentials not at all where others were given. */
async function withNatsContext(
  layers: readonly Layer[],
  contexts: ContextStore,
): Promise<Pick<ConnectionSettings, 'natsContext' | 'secrets'> & {readonly layers: readonly Layer[]}> {
  const natsContext = textSetting(layers, 'natsContext', notEmpty);
  if (natsContext === undefined) return {natsContext, layers, secrets: {}};
  const {values, secrets} = await contexts.natsContext(natsContext.value);
  const isOverridden = layers.some((layer) =>
    credentialNames.some((name) => layer.values[name] !== undefined),
  );
  const {user, creds, nkey, ...rest} = values;
  const layer = natsContextLayer(natsContext.value, isOverridden ? rest : values);
  return {natsContext, layers: [...layers, layer], secrets: isOverridden ? {} : secrets};
}

async function chosenContext(
  layers: readonly Layer[],
  contexts: ContextStore,
): Promise<Setting<string> | undefined> {
  const named = textSetting(layers, 'context', parseContextName);
  if (named !== undefined) return named;
  const selected = await contexts.selected();
  return selected === undefined
    ? undefined
    : {value: selected, origin: 'context', where: 'gatectl context use'};
}

const byDefault = <T>(value: T): Setting<T> => ({value, origin: 'default', where: 'default'});

/** What stands on a command line everybody on the machine can read. */
function withoutSecret(registry: Setting<string>): Setting<string> {
  const isOfEtcd = /^etcds?:\/\/[^@]*:[^@]*@/i.test(registry.value);
  const isOfConsul = /^consuls?:\/\/[^@]*@/i.test(registry.value);
  if (registry.origin !== 'flag' || !(isOfEtcd || isOfConsul)) return registry;
  throw new UsageError(
    `${registry.where}: a ${isOfEtcd ? 'password' : 'token'} does not belong on a command line`,
    {
      hint: isOfEtcd
        ? 'use --registry-user and GATECTL_REGISTRY_PASSWORD or --registry-password-file'
        : 'use GATECTL_REGISTRY_TOKEN or --registry-token-file',
    },
  );
}

function notEmpty(text: string): string {
  if (text.trim() === '') throw new UsageError('the value is empty');
  return text;
}

/** The secret of a setting: its file (`-` is stdin), else the environment variable. Never from argv. */
export async function secretOf(
  file: Setting<string> | undefined,
  variable: string | undefined,
  readStdin: () => Promise<Uint8Array>,
): Promise<string | undefined> {
  if (file === undefined || (file.origin === 'context' && variable)) return variable || undefined;
  const bytes = file.value === '-' ? await readStdin() : await readSecretFile(file);
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

async function readSecretFile({value, where}: Setting<string>): Promise<Uint8Array> {
  try {
    return await readBoundedFile(value);
  } catch (cause) {
    throw new UsageError(`${where}: cannot read "${value}"`, {cause});
  }
}

/**
 * A URL list as it may be shown: all that stands before the last `@` of each URL is masked, because a password that
 * is not percent-encoded may hold anything.
 */
export function withoutUserinfo(urls: string): string {
  return urls
    .split(',')
    .map((url) => url.replace(/^([a-z]+:\/\/)?.*@/i, '$1***@'))
    .join(',');
}
