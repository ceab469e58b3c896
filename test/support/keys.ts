const named: Readonly<Record<string, string>> = {
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  'shift-tab': '\u001b[Z',
  space: ' ',
  backspace: '\u007f',
  delete: '\u001b[3~',
  insert: '\u001b[2~',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pgup: '\u001b[5~',
  pgdn: '\u001b[6~',
  f1: '\u001bOP',
  f5: '\u001b[15~',
};

/** What xterm sends for a key of that name; a text that is no name is sent as it is. */
export function bytesOfKey(name: string): string {
  const control = /^ctrl-([a-z])$/.exec(name)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 96);
  return named[name] ?? name;
}

/** The report of a left click, or of the wheel, in the SGR form; places count from 0. */
export function mouseReport(kind: 'click' | 'wheel-up' | 'wheel-down', column: number, row: number): string {
  const button = {click: 0, 'wheel-up': 64, 'wheel-down': 65}[kind];
  return `\u001b[<${button};${column + 1};${row + 1}M`;
}

export function pasted(text: string): string {
  return `\u001b[200~${text}\u001b[201~`;
}
