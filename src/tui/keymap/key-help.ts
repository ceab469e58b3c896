import type {State} from '../model/state.js';
import {type Binding, bindings} from './keymap.js';

export type HelpRow =
  | {readonly type: 'title'; readonly text: string}
  | {readonly type: 'text'; readonly text: string}
  | {readonly type: 'key'; readonly binding: Binding; readonly why: string | undefined};

const groups = {
  act: 'Act on sessions and records',
  look: 'Look closer',
  go: 'Go',
  move: 'Move',
  more: 'More',
} as const;

/** The help, made from the table of keys. What cannot be done now says why. */
export function helpRows(state: State): readonly HelpRow[] {
  const keys = (Object.keys(groups) as (keyof typeof groups)[]).flatMap((group): HelpRow[] => [
    {type: 'title', text: groups[group]},
    ...bindings
      .filter((binding) => binding.group === group)
      .map((binding): HelpRow => ({type: 'key', binding, why: lastingRefusal(binding, state)})),
    {type: 'text', text: ''},
  ]);
  return [
    ...keys,
    {type: 'title', text: 'Filters'},
    {
      type: 'text',
      text: 'the selector of gatectl: uid == "u42", guest && idle > duration("10m"), settings.room == "x"',
    },
    {type: 'text', text: 'fields: uid id ip network gate guest settings age idle received sent'},
    {type: 'text', text: 'a single word and Enter becomes uid == "word"'},
  ];
}

/** Only what holds on every screen: read-only, not the lack of a row. */
function lastingRefusal({unavailable, group}: Binding, {options}: State): string | undefined {
  if (options.readOnlySource === undefined || group !== 'act' || unavailable === undefined) return undefined;
  return options.readOnlySource;
}
