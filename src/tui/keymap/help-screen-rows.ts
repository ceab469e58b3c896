import type {State} from '../model/state.js';
import {type KeyBinding, keyBindings} from './keymap.js';

export type HelpScreenRow =
  | {readonly type: 'title'; readonly text: string}
  | {readonly type: 'text'; readonly text: string}
  | {readonly type: 'key'; readonly binding: KeyBinding; readonly why: string | undefined};

const groups = {
  act: 'Act on sessions and records',
  look: 'View',
  go: 'Navigate',
  move: 'Move',
  more: 'More',
} as const;

/** Returns the rows of the help screen, generated from the keymap. A disabled key has a reason. */
export function helpScreenRows(state: State): readonly HelpScreenRow[] {
  const keys = (Object.keys(groups) as (keyof typeof groups)[]).flatMap((group): HelpScreenRow[] => [
    {type: 'title', text: groups[group]},
    ...keyBindings
      .filter((binding) => binding.group === group)
      .map((binding): HelpScreenRow => ({type: 'key', binding, why: readOnlyReason(binding, state)})),
    {type: 'text', text: ''},
  ]);
  return [
    ...keys,
    ...userRows(state),
    {type: 'title', text: 'Filters'},
    {
      type: 'text',
      text: 'selector: uid == "u42", guest && idle > duration("10m"), settings.room == "x"',
    },
    {type: 'text', text: 'fields: uid id ip network gate guest settings age idle received sent'},
    {type: 'text', text: 'other words are searched for in uid, id, IP and settings; case-sensitive'},
  ];
}

/** Returns the keys and aliases of `dashboard.json`, and its rejected entries. */
function userRows({config}: State): readonly HelpScreenRow[] {
  const {keys, aliases, faults} = config;
  const rows = [
    ...keys.map(({key, help}): HelpScreenRow => ({type: 'text', text: `${key.padEnd(10)}${help}`})),
    ...Object.entries(aliases).map(
      ([name, text]): HelpScreenRow => ({type: 'text', text: `:${name.padEnd(9)}${text}`}),
    ),
    ...faults.map((fault): HelpScreenRow => ({type: 'text', text: `refused: ${fault}`})),
  ];
  if (rows.length === 0) return [];
  return [{type: 'title', text: 'Your keys and aliases (dashboard.json)'}, ...rows, {type: 'text', text: ''}];
}

/** Returns the reason if read-only mode disables the key; other reasons depend on the screen. */
function readOnlyReason({unavailable, group}: KeyBinding, {options}: State): string | undefined {
  if (options.readOnlySource === undefined || group !== 'act' || unavailable === undefined) return undefined;
  return options.readOnlySource;
}
