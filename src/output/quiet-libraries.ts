/** Silences output of libraries and warnings of Node, which would end up inside a JSON error or on the dashboard. */
export function quietLibraries(owner: NodeJS.Process, globalConsole: Console): void {
  if (owner.env['GATECTL_DEBUG']) return;
  delete owner.env['DEBUG']; // the package `debug` would print commands with their passwords
  owner.removeAllListeners('warning'); // Node's own listener prints
  owner.on('warning', () => {}); // without a listener Node prints
  for (const name of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const)
    globalConsole[name] = () => {};
}
