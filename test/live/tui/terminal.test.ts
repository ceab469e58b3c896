import {expect, test} from 'vitest';
import {mouseReport, pasted} from '../../support/keys.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {expectRestored} from '../../support/restored.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {openTinyScreen} from '../../support/tiny-screen.js';

describeOnScreen('keys, paste and mouse on a real terminal', () => {
  test('delivers fast keys one by one', async () => {
    await using screen = await openTinyScreen();
    expect(screen.modes()).toEqual({
      alternate: true,
      mouse: 'vt200',
      bracketedPaste: true,
      cursorHidden: true,
      wraps: false,
    });
    expect(await screen.termios()).not.toBe(await screen.termiosBefore);
    screen.send('jjj');
    await screen.shows('j j j');
    screen.press('up', 'pgdn', 'shift-tab', 'f5', 'esc');
    await screen.shows('up pgdn shift-tab f5 esc');
    screen.send(`${'n'.repeat(500)}`);
    await screen.shows('count 500.');
  });

  test('reports a click, the wheel and a paste', async () => {
    await using screen = await openTinyScreen({columns: 120});
    screen.send(mouseReport('click', 9, 4));
    await screen.shows('{"type":"click","column":9,"row":4}');
    screen.send(mouseReport('wheel-down', 0, 0));
    await screen.shows('{"type":"wheel","by":1,"column":0,"row":0}');
    screen.send(pasted('q\rq'));
    await screen.shows('{"type":"paste","text":"q\\nq"}');
  });

  test("keeps the terminal's own selection without the mouse", async () => {
    await using screen = await openTinyScreen({env: {MOUSE: 'off'}});
    expect(screen.modes()).toMatchObject({alternate: true, mouse: 'none'});
  });

  test('copies to the clipboard only on request', async () => {
    await using screen = await openTinyScreen();
    screen.press('C');
    await screen.shows('copied true');
    expect(screen.effects).toMatchObject({
      clipboard: ['tiny text'],
      titles: [],
      bells: 0,
      osc: [],
      replies: '',
    });
  });
});

/** Every test of what stands on a screen at the end stands on this. */
describeOnScreen('a test that is slow to read', () => {
  test('shows all output from before the program ended', async () => {
    await using screen = openScreen('sh', ['-c', 'seq 1500; echo the end']);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300); // nothing is read meanwhile
    expect(await screen.ended()).toEqual({code: 0, signal: 0});
    const numbers = Array.from({length: 1500}, (_, at) => `${at + 1}\r\n`);
    expect(screen.raw()).toBe(`${numbers.join('')}the end\r\n`);
    expect(screen.text()).toContain('the end');
  });
});

describeOnScreen('H04 H05 the end', () => {
  test.each([
    ['q', 0],
    ['ctrl-c', 130],
  ])('%s leaves the terminal as it was', async (key, code) => {
    await using screen = await openTinyScreen();
    screen.press(key);
    expect(await screen.ended()).toEqual({code, signal: 0});
    await expectRestored(screen);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('%s leaves the terminal as it was', async (signal, code) => {
    await using screen = await openTinyScreen();
    screen.signal(signal);
    expect(await screen.ended()).toEqual({code, signal: 0});
    await expectRestored(screen);
    await screen.shows(`error: interrupted by ${signal}`);
  });

  test.each([
    ['a throw in a render', 'T', 'error: a view that throws', 70],
    ['an error that nobody caught', 'U', 'error: an error that nobody caught', 70],
    ['a rejection that nobody handled', 'R', 'error: a rejection that nobody handled', 70],
    ['an exit in the middle', 'X', '', 3],
  ])('%s restores the terminal and is reported afterwards', async (_, key, words, code) => {
    await using screen = await openTinyScreen();
    screen.press(key);
    expect(await screen.ended()).toEqual({code, signal: 0});
    await expectRestored(screen);
    await screen.shows(words);
  });

  test('a closed window ends the program', async () => {
    await using screen = await openTinyScreen();
    screen.hangUp();
    expect(await screen.ended()).toEqual({code: 129, signal: 0});
  });
});

describeOnScreen('H08 sizes', () => {
  test.each([
    [20, 5],
    [40, 10],
    [80, 24],
    [300, 100],
  ])('fills %i×%i to its edges', async (columns, rows) => {
    await using screen = await openTinyScreen({columns, rows});
    await screen.becomes('filled', () => isFilled(screen));
  });

  test('leaves no remains of the old size after resizing', async () => {
    await using screen = await openTinyScreen({columns: 120, rows: 40});
    for (const [columns, rows] of [
      [60, 15],
      [200, 50],
      [80, 24],
      [30, 40],
    ] as const) {
      screen.resize(columns, rows);
      await screen.becomes(`filled at ${columns}×${rows}`, () => isFilled(screen));
      expect(screen.text().match(/\|/g)).toHaveLength(2);
    }
  });

  test('resizes 50 times a second with less than 30 % of a core, and ends at the last size', async () => {
    await using screen = await openTinyScreen();
    const before = screen.cpuMs();
    const start = performance.now();
    for (let step = 0; step < 100; step++) {
      screen.resize(60 + (step % 40), 15 + (step % 20));
      const next = start + (step + 1) * 20;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
    }
    screen.resize(77, 21);
    await screen.becomes('filled', () => isFilled(screen));
    expect(screen.cpuMs() - before).toBeLessThan(0.3 * (performance.now() - start));
  });
});

/** Both edges of tiny-screen-program are where the screen ends. */
function isFilled(screen: Screen): boolean {
  const {cols, rows} = screen.xterm;
  const edge = `${'='.repeat(cols - 1)}|`;
  return (
    screen.row(0) === edge &&
    screen.row(rows - 1) === edge &&
    screen.row(1).includes(`${cols}x${rows}`.slice(0, cols - 8))
  );
}

describeOnScreen('H16 a long life', () => {
  const updates = Number(process.env['GATECTL_SOAK_UPDATES'] ?? 100_000);

  test(`${updates} updates keep memory flat, at most 12 frames a second`, {
    timeout: 600_000,
  }, async () => {
    await using screen = await openTinyScreen({env: {FLOOD: String(updates)}});
    const start = performance.now();
    screen.press('F');
    await screen.shows(/grew -?\d+ kB\./, 590_000);
    expect(screen.frames()).toBeLessThan(12 * ((performance.now() - start) / 1000) + 10);
    const grewKb = Number(/grew (-?\d+) kB\./.exec(screen.text())?.[1]);
    expect(grewKb).toBeLessThan((updates / 10_000) * 1024);
    expect(screen.raw()).not.toContain('Warning');
  });
});
