import path from 'node:path';

/** Where the program keeps what it remembers: `$XDG_STATE_HOME/gatectl`, or `~/.local/state/gatectl`. */
export function stateFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const xdg = env['XDG_STATE_HOME'];
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'state'), 'gatectl');
}
