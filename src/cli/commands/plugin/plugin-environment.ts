import type {ConnectionSettings} from '../../settings/connection-options.js';
import {type FlagName, type FlagValues, globalFlags} from '../../settings/global-flags.js';
import {type Environment, type SecretName, type Setting, secretVariables} from '../../settings/layers.js';
import {withoutUserinfo} from '../context/context-presenters.js';

/**
 * Returns the environment of a plugin: the connection in force as GATECTL_… variables, and the other global flags of the line. A
 * gatectl that the plugin starts resolves the same settings. Secrets that only a context holds are not copied: the context's name
 * leads to them.
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
    const value = isConnection ? handedValue(name, resolved[name]) : flags[name];
    if (value !== undefined || isConnection) changed[variable] = value?.toString();
  }
  for (const [name, variable] of Object.entries(secretVariables)) {
    const secret = settings.secrets[name as SecretName];
    const isGiven = secret?.origin === 'environment' && typeof secret.value === 'string';
    changed[variable] = isGiven ? String(secret.value) : undefined;
  }
  return changed;
}

/** Flags for signing in. They stay in a context that holds a secret too, because the two belong together. */
const signInFlags = ['user', 'passwordFile', 'tokenFile', 'creds', 'nkey'] as const;

type Resolved = Readonly<Partial<Record<FlagName, Setting<unknown> | undefined>>>;

/** Returns the settings of a connection by the flag that sets them. */
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

/** A natscli context keeps its name unless a gatectl context leads to it, or decides the server in its place. */
function namedNatsContext({natsContext, server, context}: ConnectionSettings): Setting<string> | undefined {
  const isHidden = isOnlyInContext('server', server) && server.source === `context "${context?.value}"`;
  return natsContext?.origin === 'context' || isHidden ? undefined : natsContext;
}

const inMs = (setting: Setting<number> | undefined): Setting<string> | undefined =>
  setting && {...setting, value: `${setting.value}ms`};

/** Returns the text of a setting; undefined for a default, and for a URL with a password that stands in a context. */
function handedValue(name: string, setting: Setting<unknown> | undefined): string | undefined {
  if (setting === undefined || setting.origin === 'default' || isOnlyInContext(name, setting))
    return undefined;
  return String(setting.value);
}

const isOnlyInContext = (name: string, {origin, value}: Setting<unknown>): boolean =>
  origin === 'context' && withoutUserinfo(name, String(value)) !== String(value);
