import {currentScreen, type ScreenName, type State} from '../model/state.js';

interface Tab {
  readonly screen: 'overview' | 'sessions' | 'events' | 'records' | 'journal' | 'trace' | 'help';
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
  ['help', '?', 'Help'],
] as const;

/** Tab of the screens that have none of their own. */
const inside: Partial<Record<ScreenName, Tab['screen']>> = {
  session: 'sessions',
  record: 'records',
  entry: 'journal',
};

export function tabsOf(state: State): readonly Tab[] {
  const {name} = currentScreen(state);
  const active = inside[name] ?? name;
  const isNarrow = state.size.columns < 80;
  const there = names.filter(([screen]) => screen !== 'trace' || state.trace.unavailable === undefined);
  return there.map(([screen, key, label]) => {
    const isActive = screen === active;
    const text = isNarrow && !isActive ? `${key} ${label.slice(0, 4)}` : `${key} ${label}`;
    return {screen, text: isActive ? `[${text}]` : ` ${text} `, isActive};
  });
}

/** Returns the tab at a screen column. */
export function tabAt(state: State, column: number): Tab['screen'] | undefined {
  let from = 0;
  for (const {screen, text} of tabsOf(state)) {
    if (column >= from && column < from + text.length) return screen;
    from += text.length;
  }
  return undefined;
}
