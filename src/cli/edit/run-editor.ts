import {spawn} from 'node:child_process';
import {onAbort} from '../../base/abort-signals.js';
import {DeclinedError, UsageError} from '../../base/errors.js';
import type {Environment} from '../settings/settings-layers.js';

/** Returns `$VISUAL`, or else `$EDITOR`, or else on a terminal vi (notepad on Windows). Throws UsageError if there is none. */
export function findEditor(env: Environment, platform: string, isInteractive: boolean): string {
  const named = env['VISUAL'] || env['EDITOR'];
  if (named) return named;
  if (isInteractive) return platform === 'win32' ? 'notepad' : 'vi';
  throw new UsageError('no editor: VISUAL and EDITOR are unset, and stdin is not a terminal', {
    hint: 'set VISUAL or EDITOR, or use gatectl settings set',
  });
}

const plainWords = /^[\w./+-]+(?: [\w./+=:,-]+)*$/;

/**
 * Returns the command that starts an editor. Like git and kubectl, accepts a program with arguments (`code --wait`) or a shell
 * command line. The file name is a separate argument, so the shell never interprets it.
 */
export function editorCommand(
  editor: string,
  file: string,
  platform: string,
): {readonly command: string; readonly args: readonly string[]; readonly shell: boolean} {
  if (platform === 'win32') return {command: `${editor} "${file}"`, args: [], shell: true};
  if (plainWords.test(editor)) {
    const [command = '', ...args] = editor.split(' ');
    return {command, args: [...args, file], shell: false};
  }
  return {command: '/bin/sh', args: ['-c', `${editor} "$@"`, editor, file], shell: false};
}

/**
 * Runs an editor until it exits. The editor draws on stderr, because stdout is for data and may be a pipe. Rejects with
 * DeclinedError if the editor fails, and with the signal's reason if the signal aborts.
 */
export async function runEditor(
  editor: string,
  file: string,
  {signal, platform}: {readonly signal: AbortSignal; readonly platform: string},
): Promise<void> {
  const {command, args, shell} = editorCommand(editor, file, platform);
  const child = spawn(command, args, {stdio: [0, 2, 2], shell});
  const unlisten = onAbort(signal, () => void child.kill('SIGTERM'));
  try {
    const how = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new DeclinedError(`cannot run the editor "${editor}": ${cause.message}`, {cause})),
      );
      child.once('exit', (code, killedBy) => resolve(code === 0 ? undefined : String(killedBy ?? code)));
    });
    if (signal.aborted) throw signal.reason;
    if (how !== undefined)
      throw new DeclinedError(`the editor "${editor}" exited with ${how}; nothing was sent`);
  } finally {
    unlisten();
  }
}
