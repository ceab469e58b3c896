import {truncateToWidth} from '../../output/terminal/text-width.js';
import {formatCount, formatPlural} from '../../output/text/humanize.js';
import {safeText} from '../../output/text/safe-text.js';
import type {Screen, ScreenName, State} from '../model/state.js';
import {runningWriteCount} from '../model/tables/dashboard-writes.js';
import {pausedTailRowCount} from '../model/tables/tail-tables.js';

interface Tab {
  readonly screen:
    | 'overview'
    | 'sessions'
    | 'events'
    | 'records'
    | 'journal'
    | 'trace'
    | 'anomalies'
    | 'doctor'
    | 'writes'
    | 'help';
  readonly text: string;
  readonly isActive: boolean;
}

const names = [
  ['overview', '1', 'Overview'],
  ['sessions', '2', 'Sessions'],
  ['events', '3', 'Events'],
  ['records', '4', 'Records'],
  ['journal', '5', 'Journal'],
  ['trace', '6', 'Trace'],
  ['anomalies', '7', 'Anomalies'],
  ['doctor', '8', 'Doctor'],
  ['writes', '9', 'Writes'],
  ['help', '?', 'Help'],
] as const;

/** The tab for each screen that has none of its own. */
const inside: Partial<Record<ScreenName, Tab['screen']>> = {
  session: 'sessions',
  record: 'records',
  entry: 'journal',
};

/** Possible lengths of an inactive tab's name; the longest that fits is used. */
const lengths = [9, 6, 4, 3, 2, 0] as const;

/** Names are shortened to this before the path to a document is. */
const leastLength = 2;

/**
 * Returns the tabs of the tab line. The active tab includes the path to the current screen: `2
 * Sessions > u42 > record`.
 */
export function tabLineTabs(state: State): readonly Tab[] {
  const [root, ...opened] = state.stack;
  const active = inside[root.name] ?? root.name;
  const there = names.filter(([screen]) => screen !== 'trace' || state.trace.unavailable === undefined);
  const alert = tabLineAlert(state);
  const room = state.size.columns - (alert === undefined ? 0 : alert.length + 1);
  const crumbs = opened
    .map((screen) => `${state.options.ascii ? ' > ' : ' › '}${crumbOf(screen, state)}`)
    .join('');
  const drawn = lengths.map((letters) => {
    const space = letters < lengths[0] ? '' : ' ';
    return there.map(([screen, key, label]): Tab => {
      const isActive = screen === active;
      const name = `${key} ${isActive ? label : label.slice(0, letters)}`.trimEnd();
      return {
        screen,
        text: isActive ? `${space === '' ? ' ' : ''}[${name}${crumbs}]` : ` ${name}${space}`,
        isActive,
      };
    });
  });
  const named = drawn.slice(0, lengths.indexOf(leastLength) + 1);
  const withShortPath =
    named.at(-1)?.map((tab) => (tab.isActive ? shortened(tab, tab.text.length) : tab)) ?? [];
  const isDocument = opened.at(-1)?.name === 'document'; // it has a title of its own
  const isNamed = isDocument && widthOf(withShortPath) <= room;
  const fitting =
    (isNamed ? (named.find((tabs) => widthOf(tabs) <= room) ?? named.at(-1)) : undefined) ??
    drawn.find((tabs) => widthOf(tabs) <= room) ??
    drawn.at(-1) ??
    [];
  const excess = widthOf(fitting) - room;
  return excess <= 0 ? fitting : fitting.map((tab) => (tab.isActive ? shortened(tab, excess) : tab));
}

const widthOf = (tabs: readonly Tab[]): number => tabs.reduce((sum, {text}) => sum + [...text].length, 0);

/** Minimum length of the active tab's text. */
const leastPath = 16;

function shortened(tab: Tab, excess: number): Tab {
  const inner = tab.text.trimStart().slice(1, -1);
  const kept = truncateToWidth(
    inner,
    Math.max(leastPath, [...inner].length - excess),
    (text) => [...text].length,
  );
  return {...tab, text: ` [${kept}]`};
}

/** Returns the name of a screen in the path, from its subject. */
function crumbOf({name, subject}: Screen, state: State): string {
  switch (name) {
    case 'session': {
      const uid = state.detail?.reference === subject ? state.detail?.session?.userId : undefined;
      return safeText(uid || (subject?.split('/').at(-1) ?? ''));
    }
    case 'record':
      return `record ${safeText(subject ?? '')}`;
    default:
      return name;
  }
}

/** Returns an alert if a paused tail has new rows, or if writes run in the background. */
export function tabLineAlert(state: State): string | undefined {
  const rows = pausedTailRowCount(state);
  if (rows !== undefined) return ` PAUSED ${formatCount(rows)} below, G follows `;
  const running = state.dialog === undefined ? runningWriteCount(state) : 0;
  return running === 0 ? undefined : ` ${formatPlural(running, 'write')} running `;
}

/** Returns the tab at a screen column; undefined if there is none. */
export function tabAtColumn(state: State, column: number): Tab['screen'] | undefined {
  let from = 0;
  for (const {screen, text} of tabLineTabs(state)) {
    if (column >= from && column < from + text.length) return screen;
    from += text.length;
  }
  return undefined;
}
