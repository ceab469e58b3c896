import {spawnSync} from 'node:child_process';
import {errorCode} from '../../../base/error-details.js';
import {UsageError} from '../../../base/errors.js';
import {readBoundedFile} from '../../../base/files/bounded-file.js';
import {writePrivateFile} from '../../../base/files/private-files.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';
import type {Verb} from '../../verb.js';

interface GatePasswdInput {
  readonly file: string;
  readonly name: string;
  readonly remove?: boolean;
}

const maxPasswordBytes = 1024;

export const gatePasswd: Verb<GatePasswdInput> = {
  examples: ['gatectl gate passwd players.txt neo', 'gatectl gate passwd players.txt neo --remove'],
  declare: (command) =>
    command
      .argument('<file>', "a gate's password file; created if missing")
      .argument('<name>', 'user name', parseName)
      .option('--remove', 'remove the user'),
  run: async (context, {file, name, remove}) => {
    const {hashPassword, parsePasswordFile} = await import(
      '../../../gate/admission/password-file-authenticator.js'
    );
    const text = await textOf(file);
    const isKnown = parsePasswordFile(text, file).has(name);
    const others = text.split(/(?<=\n)/).filter((line) => !line.startsWith(`${name}:`));
    if (remove === true) {
      if (!isKnown) throw new UsageError(`user "${name}" not found in "${file}"`);
      await writePrivateFile(file, others.join(''));
      await notice(context, `removed user "${name}"`);
      return undefined;
    }
    const password = await readPassword(context);
    const kept = others.join('').replace(/(?<=[^\n])$/, '\n');
    await writePrivateFile(file, `${kept}${name}:${await hashPassword(password)}\n`);
    await notice(context, `${isKnown ? 'changed the password of' : 'added'} user "${name}"`);
    return undefined;
  },
};

function parseName(name: string): string {
  if (name !== '' && !/[:\p{Cc}]/u.test(name) && !name.startsWith('#')) return name;
  throw new UsageError(
    `invalid user name ${JSON.stringify(name)}: must not be empty, start with "#", or contain ":" or control characters`,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readBoundedFile(file)).toString();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return '';
    throw new UsageError(`cannot read the password file "${file}": ${errorCode(cause)}`, {cause});
  }
}

/** Reads one line from a pipe, or from the terminal without echo. */
async function readPassword(context: CommandContext): Promise<string> {
  const {io} = context;
  const typed = io.in.isTerminal
    ? await withoutEcho(context)
    : (await io.in.readAll(maxPasswordBytes)).toString().replace(/\r?\n$/, '');
  if (typed === '' || /[\r\n]/.test(typed))
    throw new UsageError('missing password: expected one line on standard input', {
      hint: 'run this on a terminal, or pipe the password in',
    });
  return typed;
}

async function withoutEcho({io, signal}: CommandContext): Promise<string> {
  const echo = (on: boolean) =>
    spawnSync('stty', [on ? 'echo' : '-echo'], {stdio: ['inherit', 'ignore', 'ignore']});
  if (echo(false).status !== 0)
    throw new UsageError('cannot turn off echo on this terminal', {hint: 'pipe the password in'});
  try {
    await io.err.write('Password: ');
    return (await io.in.readLine(signal)) ?? '';
  } finally {
    echo(true);
    await io.err.write('\n');
  }
}
