import {expect, test} from 'vitest';
import {describeOnScreen} from '../../support/on-screen.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {openTinyScreen, tinyScreenProgram} from '../../support/tiny-screen.js';

/** A shell with job control that has started the small screen program. */
async function openInShell(): Promise<Screen> {
  const program = await tinyScreenProgram();
  const screen = openScreen('bash', ['--norc', '--noprofile', '-i'], {
    env: {PS1: 'prompt> ', HISTFILE: '/dev/null'},
  });
  await screen.shows('prompt>');
  screen.send(`${process.execPath} ${program}; echo code $?\r`);
  await screen.shows('ready');
  return screen;
}

async function atThePrompt(screen: Screen): Promise<void> {
  await screen.becomes(
    'back in the shell',
    () => !screen.modes().alternate && /prompt> *$/.test(screen.text().trimEnd()),
  );
  expect(screen.modes()).toMatchObject({mouse: 'none', cursorHidden: false, wraps: true});
}

describeOnScreen('H04 suspending', () => {
  test("Ctrl-Z restores the shell's terminal, and fg the screen", async () => {
    await using screen = await openInShell();
    screen.press('n', 'n');
    await screen.shows('count 2.');
    screen.press('ctrl-z');
    await atThePrompt(screen);
    screen.send('clear; echo other work\r');
    await screen.shows('other work');
    screen.send('fg; echo code $?\r');
    await screen.shows('count 2.');
    expect(screen.modes()).toMatchObject({alternate: true, cursorHidden: true, bracketedPaste: true});
    screen.press('n');
    await screen.shows('count 3.');
    screen.press('q');
    await screen.shows('code 0');
  });

  test('handles SIGTSTP from another process', async () => {
    await using screen = await openInShell();
    screen.press('n');
    await screen.shows('count 1.');
    process.kill(await childOf(screen.pid), 'SIGTSTP');
    await atThePrompt(screen);
    screen.send('fg; echo code $?\r');
    await screen.shows('count 1.');
    screen.press('q');
    await screen.shows('code 0');
  });

  test('fg redraws the screen after SIGSTOP', async () => {
    await using screen = await openInShell();
    process.kill(await childOf(screen.pid), 'SIGSTOP');
    await screen.shows('code 147');
    screen.send('fg; echo code $?\r');
    await screen.becomes(
      'drawn anew',
      () => screen.row(2).startsWith('count 0.') && !screen.text().includes('code 147'),
    );
    screen.press('n');
    await screen.shows('count 1.');
    screen.press('q');
    await screen.shows('code 0');
  });

  test('ignores Ctrl-Z when no shell would resume it', async () => {
    await using screen = await openTinyScreen();
    screen.press('ctrl-z', 'n');
    await screen.shows('count 1.');
    expect(screen.modes()).toMatchObject({alternate: true, cursorHidden: true});
  });
});

describeOnScreen('another program on the terminal', () => {
  test('gives the editor the whole terminal in normal modes, and redraws afterwards', async () => {
    await using screen = await openTinyScreen();
    const own = await screen.termios();
    screen.press('E');
    await screen.shows('type:');
    expect(screen.modes().alternate).toBe(false);
    expect(await screen.termios()).toBe(await screen.termiosBefore);
    screen.send('qqq\r');
    await screen.shows('edited:qqq');
    expect(screen.modes()).toMatchObject({alternate: true, cursorHidden: true});
    expect(await screen.termios()).toBe(own);
    screen.press('n');
    await screen.shows('count 1.');
  });
});

describeOnScreen('H06 kill -9', () => {
  test('starts in a terminal in any state, and restores it', async () => {
    await using screen = await openInShell();
    process.kill(await childOf(screen.pid), 'SIGKILL');
    await screen.shows('code 137');
    expect(screen.modes()).toMatchObject({alternate: true, cursorHidden: true, mouse: 'vt200'});
    screen.send(`${process.execPath} ${await tinyScreenProgram()}\r`);
    await screen.shows('ready');
    screen.press('q');
    await atThePrompt(screen);
  });
});

/** The one process that a shell has started. */
async function childOf(pid: number): Promise<number> {
  const {readFile} = await import('node:fs/promises');
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  return Number(children.at(-1));
}
