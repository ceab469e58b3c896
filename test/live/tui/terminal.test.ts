import {expect, test} from 'vitest';
import {describeOnScreen} from '../../support/screen.js';
import {openTinyScreen} from '../../support/tiny-screen.js';

describeOnScreen('a screen of our own', () => {
  test('each key comes by itself, and q leaves the terminal as it was', async () => {
    await using screen = await openTinyScreen();
    expect(screen.modes()).toMatchObject({alternate: true, cursorHidden: true, bracketedPaste: true});
    const before = await screen.termiosBefore;
    expect(await screen.termios()).not.toBe(before);
    screen.send('jjj');
    await screen.shows('j j j');
    screen.press('q');
    expect(await screen.ended()).toEqual({code: 0, signal: 0});
    expect(screen.modes()).toEqual({
      alternate: false,
      mouse: 'none',
      bracketedPaste: false,
      cursorHidden: false,
      wraps: true,
    });
    expect(await screen.termios()).toBe(before);
  });
});
