import path from 'node:path';
import {UsageError} from '../../../base/errors.js';
import type {CommandContext} from '../../command-context.js';
import {hasUrlPassword} from '../../line/argv-secrets.js';
import {resolveConnectionSettings} from '../../settings/connection-settings.js';
import {parseContextName, pickContextFlags} from '../../settings/context-store.js';
import type {FlagValues} from '../../settings/global-flags.js';
import {notice} from '../../show/notices.js';
import type {Verb} from '../../verb.js';
import type {ContextNameInput} from './use.js';

export const contextAdd: Verb<ContextNameInput> = {
  examples: [
    'gatectl context add prod --server nats://10.0.0.1:4222 --creds prod.creds --require-reason',
    'gatectl context add support --server nats://10.0.0.1:4222 --read-only',
  ],
  declare: (command) => command.argument('<name>', 'name of the context', parseContextName),
  run: async (context, {name}) => {
    if ((await context.contexts.list()).includes(name)) {
      throw new UsageError(`cannot add context "${name}": it already exists`, {
        hint: `gatectl context edit ${name}`,
      });
    }
    await saveContext(context, name, {});
    await notice(context, `saved context "${name}"; to select it: gatectl context use ${name}`);
    return undefined;
  },
};

const fileSettings = [
  ...(['creds', 'nkey', 'passwordFile', 'tokenFile', 'tlsCa', 'tlsCert', 'tlsKey'] as const),
  ...(['registryPasswordFile', 'registryTokenFile', 'registryCa', 'registryCert', 'registryKey'] as const),
];

/** Makes file paths absolute, because a context is used from any folder. */
function withAbsolutePaths(values: FlagValues): FlagValues {
  const absolute = fileSettings.flatMap((name) =>
    typeof values[name] === 'string' ? [[name, path.resolve(values[name])]] : [],
  );
  return {...values, ...Object.fromEntries(absolute)};
}

/** Saves a context: `before`, overwritten by the connection flags given. Rejects with UsageError for unusable values. */
export async function saveContext(context: CommandContext, name: string, before: FlagValues): Promise<void> {
  const given = pickContextFlags(context.flags);
  if (Object.keys(given).length === 0) {
    throw new UsageError('missing connection flags: nothing to save', {
      hint: 'pass --server, --registry, --gate-type, --creds or --read-only',
    });
  }
  for (const file of ['passwordFile', 'tokenFile', 'registryPasswordFile', 'registryTokenFile'] as const) {
    if (given[file] === '-')
      throw new UsageError('invalid file "-": a context cannot read a secret from stdin', {
        hint: 'give the path of a file',
      });
  }
  if (typeof given.stockStore === 'string' && hasUrlPassword(given.stockStore))
    throw new UsageError('invalid --stock-store: passwords are not stored in contexts', {
      hint: 'put the password in a file: redis://host?password-file=/path',
    });
  const values = {...before, ...withAbsolutePaths(given)};
  await resolveConnectionSettings(values, {}, context.contexts); // throws if the values are unusable
  await context.contexts.save(name, values);
}
