import {expect} from 'vitest';
import type {Screen} from './screen.js';

/** A terminal in which a program with a screen of its own is not, or no longer. */
export const asAShellWantsIt = {
  alternate: false,
  mouse: 'none',
  bracketedPaste: false,
  cursorHidden: false,
  wraps: true,
};

/** The terminal is as it was, and what was printed about the end came after the screen was left. */
export async function expectRestored(screen: Screen): Promise<void> {
  expect(screen.modes()).toEqual(asAShellWantsIt);
  expect(await screen.termios()).toBe(await screen.termiosBefore);
  const raw = screen.raw();
  const left = raw.lastIndexOf('\u001b[?1049l');
  expect(left).toBeGreaterThan(0);
  for (const mode of ['\u001b[?1003l', '\u001b[?2004l', '\u001b[?25h'])
    expect(raw.slice(0, left)).toContain(mode);
  expect(raw.slice(0, left)).not.toContain('error:');
}
