import type {State} from '../model/state.js';
import {type Binding, bindings} from './keymap.js';

export type HelpRow =
  | {readonly type: 'title'; readonly text: string}
  | {readonly type: 'text'; readonly text: string}
  | {readonly type: 'key'; readonly binding: Binding; readonly why: string | undefined};

const groups = {
  act: 'Act on sessions and records',
  look: 'View',
  go: 'Navigate',
  move: 'Move',
  more: 'More',
} as const;

/** Returns the rows of the help screen, generated from the keymap. A disabled key has a reason. */
export function helpRows(state: State): readonly HelpRow[] {
  const keys = (Object.keys(groups) as (keyof typeof groups)[]).flatMap((group): HelpRow[] => [
    {type: 'title', text: groups[group]},
    ...bindings
      .filter((binding) => binding.group === group)
      .map((binding): HelpRow => ({type: 'key', binding, why: readOnlyReason(binding, state)})),
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
function userRows({userKeys}: State): readonly HelpRow[] {
  const {keys, aliases, faults} = userKeys;
  const rows = [
    ...keys.map(({key, help}): HelpRow => ({type: 'text', text: `${key.padEnd(10)}${help}`})),
    ...Object.entries(aliases).map(
      ([name, text]): HelpRow => ({type: 'text', text: `:${name.padEnd(9)}${text}`}),
    ),
    ...faults.map((fault): HelpRow => ({type: 'text', text: `refused: ${fault}`})),
  ];
  if (rows.length === 0) return [];
  return [{type: 'title', text: 'Your keys and aliases (dashboard.json)'}, ...rows, {type: 'text', text: ''}];
}

/** Returns the reason if read-only mode disables the key; other reasons depend on the screen. */
function readOnlyReason({unavailable, group}: Binding, {options}: State): string | undefined {
  if (options.readOnlySource === undefined || group !== 'act' || unavailable === undefined) return undefined;
  return options.readOnlySource;
}
