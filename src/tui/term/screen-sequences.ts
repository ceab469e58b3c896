const csi = '\u001b[';

/**
 * Resets every mode that this program uses, and mouse modes that other programs may have left on.
 */
const resetModes = [
  `${csi}?1006l${csi}?1003l${csi}?1002l${csi}?1000l`, // mouse
  `${csi}?2004l`, // bracketed paste
  `${csi}?2026l`, // a frame that was cut off
  `${csi}?7h${csi}0m${csi}?25h`, // wrapping, colours, cursor
].join('');

/** Restores the terminal for the shell. Idempotent. */
export const leaveScreenSequence = `${resetModes}${csi}?1049l`;

/**
 * Enters the alternate screen, after resetting modes that a killed program may have left on. Wrapping is off, so that a
 * line wider than expected doesn't push the others down.
 */
export function enterScreenSequence(mouse: boolean): string {
  const own = `${csi}?1049h${csi}?25l${csi}?7l${csi}?2004h${csi}H${csi}2J`;
  return resetModes + own + (mouse ? `${csi}?1000h${csi}?1006h` : '');
}

/**
 * Wraps a frame so that the terminal displays it atomically (`?2026`). Terminals without this mode
 * ignore it.
 */
export function synchronizedFrame(text: string): string {
  return `${csi}?2026h${text}${csi}?2026l`;
}

export const clearScreenSequence = `${csi}0m${csi}2J`;

/** Returns the sequence that draws one line of the screen. Rows count from 0. */
export function drawLineSequence(row: number, line: string, columns: number): string {
  const start = `${csi}${row + 1};1H`;
  const styled = line.includes('\u001b') ? `${line}${csi}0m` : line;
  // Erasing after a line that fills the row would remove its last character.
  return isSurelyNarrower(line, columns) ? `${start}${styled}${csi}K` : `${start}${csi}K${styled}`;
}

/**
 * Whether the line is certainly narrower than the screen. No character is wider than two columns,
 * and escape sequences only add length.
 */
function isSurelyNarrower(line: string, columns: number): boolean {
  return line.length * 2 < columns || visibleAscii(line) < columns;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern matches colour sequences
const colours = /\u001b\[[\d;:]*m/g;

/** Returns the width of a line of ASCII and colours; Infinity for any other text. */
function visibleAscii(line: string): number {
  const plain = line.replace(colours, '');
  return /^[ -~]*$/.test(plain) ? plain.length : Number.POSITIVE_INFINITY;
}
