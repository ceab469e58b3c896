import type {ConnectionSettings} from '../../settings/connection-settings.js';
import {type FlagName, type FlagValues, globalFlags} from '../../settings/global-flags.js';
import {
  type Environment,
  type SecretName,
  type SourcedValue,
  secretEnvironmentVariables,
} from '../../settings/settings-layers.js';
import {maskSettingCredentials} from '../context/context-presenters.js';

/**
 * Returns the environment for a plugin: the effective connection settings and other global flags as GATECTL_… variables. A
 * gatectl started by the plugin resolves the same settings. Secrets stored only in a context are not copied; the context name is
 * enough to find them.
 */
export function pluginEnvironment(
  env: Environment,
  flags: FlagValues,
  settings: ConnectionSettings,
): Environment {
  const changed: Record<string, string | undefined> = {...env};
  const resolved = resolvedSettings(settings);
  for (const {name, env: variable} of globalFlags) {
    const isConnection = Object.hasOwn(resolved, name);
    const value = isConnection ? environmentValue(name, resolved[name]) : flags[name];
    if (value !== undefined || isConnection) changed[variable] = value?.toString();
  }
  for (const [name, variable] of Object.entries(secretEnvironmentVariables)) {
    const secret = settings.secrets[name as SecretName];
    const isGiven = secret?.origin === 'environment' && typeof secret.value === 'string';
    changed[variable] = isGiven ? String(secret.value) : undefined;
  }
  return changed;
}

/** Sign-in settings. When a context also holds the secret for them, they stay in the context with it. */
const signInFlags = ['user', 'passwordFile', 'tokenFile', 'creds', 'nkey'] as const;

type Resolved = Readonly<Partial<Record<FlagName, SourcedValue<unknown> | undefined>>>;

/** Returns the connection settings, keyed by the name of their flag. */
function resolvedSettings(settings: ConnectionSettings): Resolved {
  const {timeoutMs, giveUpAfterMs, stockTap, secrets, contextName: _, ...same} = settings;
  const isWithContext =
    isOnlyInContext('server', settings.server) ||
    Object.values(secrets).some((secret) => secret.origin === 'context');
  const ofContext = signInFlags.filter((name) => isWithContext && settings[name]?.origin === 'context');
  return {
    ...same,
    timeout: inMs(timeoutMs),
    giveUpAfter: inMs(giveUpAfterMs),
    stockTap: inMs(stockTap),
    ...Object.fromEntries(ofContext.map((name) => [name, undefined])),
    natsContext: namedNatsContext(settings),
  };
}

/** Returns the natscli context to pass on; undefined if a gatectl context refers to it or overrides its server. */
function namedNatsContext({
  natsContext,
  server,
  context,
}: ConnectionSettings): SourcedValue<string> | undefined {
  const isHidden = isOnlyInContext('server', server) && server.source === `context "${context?.value}"`;
  return natsContext?.origin === 'context' || isHidden ? undefined : natsContext;
}

const inMs = (setting: SourcedValue<number> | undefined): SourcedValue<string> | undefined =>
  setting && {...setting, value: `${setting.value}ms`};

/** Returns a setting as a string; undefined for a default, and for a URL whose password is stored in a context. */
function environmentValue(name: string, setting: SourcedValue<unknown> | undefined): string | undefined {
  if (setting === undefined || setting.origin === 'default' || isOnlyInContext(name, setting))
    return undefined;
  return String(setting.value);
}

const isOnlyInContext = (name: string, {origin, value}: SourcedValue<unknown>): boolean =>
  origin === 'context' && maskSettingCredentials(name, String(value)) !== String(value);
