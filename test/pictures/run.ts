// Makes docs/pictures anew: the built program on its demo cluster in a real terminal, keys pressed, the screen written as SVG.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {openScreen, type Screen} from '../support/screen.js';
import {svgOf} from './svg.js';

/** For how long the demo runs before the first picture, so that the sparklines have something to tell. */
const minuteMs = 60_000;

const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-pictures-'));
mkdirSync('docs/pictures', {recursive: true});

function save(screen: Screen, name: string, title: string): void {
  writeFileSync(path.join('docs/pictures', `${name}.svg`), svgOf(screen.xterm, title));
  console.log(`docs/pictures/${name}.svg`);
}

try {
  await using screen = openScreen(process.execPath, ['bin/gatectl.js', 'demo', '--embedded-bus'], {
    columns: 116,
    rows: 30,
    env: {XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, HOME: folder},
  });
  await screen.shows(/live, 3 gates +\d+ sessions/, 60_000);
  await new Promise((resolve) => setTimeout(resolve, minuteMs));
  save(screen, 'overview', 'gatectl demo: the overview');

  screen.press('2');
  await screen.shows('IDLE');
  screen.press('/', ...'settings.roomName == "arena"', 'enter');
  await screen.shows(/roomName=arena/);
  await screen.becomes('filtered', () => !/roomName=(lobby|market|harbour|citadel)/.test(screen.text()));
  screen.press('j', 'j', 'space', 'j', 'space');
  await screen.shows(/2 marked|marked/);
  save(screen, 'sessions', 'sessions in the arena, two of them marked');

  screen.press('A', 'enter');
  await screen.shows(/record +revision/); // its gate and the storage have answered
  screen.press('e', 'ctrl-u', '7');
  await screen.shows('-> 7');
  save(screen, 'session', 'one session, and a setting that is about to be set');
  screen.press('enter');
  await screen.becomes('set', () => !screen.text().includes('-> 7'));

  screen.press('esc', 'K');
  await screen.shows('── kick');
  save(screen, 'kick', 'a kick, before it is agreed to');

  screen.press('esc', '3');
  await screen.shows(/settings|connected|closed/);
  save(screen, 'events', 'events as they happen');
  screen.press('q');
  await screen.ended();
} finally {
  rmSync(folder, {recursive: true, force: true});
}
