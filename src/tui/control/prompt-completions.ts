import {celStringLiteral} from '../../selector/cel-terms.js';
import {selectorFieldNames} from '../../selector/selector-fields.js';
import {sessionColumnNames} from '../layout/session-columns.js';
import type {Prompt} from '../model/prompt.js';
import {promptFilterName} from '../model/row-keys.js';
import {currentScreen, type State} from '../model/state.js';
import {promptCommands} from './prompt-commands.js';

/** Maximum number of completions. */
const most = 40;

/** Returns the completions of the prompt as complete lines. */
export function promptCompletions(prompt: Pick<Prompt, 'kind' | 'text'>, state: State): readonly string[] {
  switch (prompt.kind) {
    case 'command':
      return commandCompletions(prompt.text, state).slice(0, most);
    case 'filter':
      return filterCompletions(prompt.text, state).slice(0, most);
    case 'columns':
      return lastWord(prompt.text, /^(.*,)?([^,]*)$/s, [...sessionColumnNames, ...settingNames(state)]).slice(
        0,
        most,
      );
    case 'sort':
      return [
        ...commandNamed('sort', state),
        ...(currentScreen(state).name === 'sessions' ? settingNames(state) : []),
      ]
        .filter((name) => name.startsWith(prompt.text.replace(/^-/, '')))
        .slice(0, most);
    case 'find':
    case 'write':
      return [];
    default:
      return prompt.kind satisfies never;
  }
}

function commandCompletions(text: string, state: State): readonly string[] {
  const [, name = '', space = '', rest = ''] = /^(\S*)(\s*)(.*)$/s.exec(text) ?? [];
  if (space === '') {
    const names = [...promptCommands.map((command) => command.name), ...Object.keys(state.config.aliases)];
    return names.filter((one) => one.startsWith(name));
  }
  return commandNamed(name, state)
    .filter((word) => word.startsWith(rest))
    .map((word) => `${name} ${word}`);
}

const commandNamed = (name: string, state: State): readonly string[] =>
  promptCommands.find((command) => command.name === name)?.words?.(state) ?? [];

/** Returns `uid == "word"` for a single word; undefined for anything else. */
function uidSelector(text: string): string | undefined {
  const word = text.trim();
  return /^[\p{L}\p{N}_@.:-]+$/u.test(word) ? `uid == ${celStringLiteral(word)}` : undefined;
}

/** Returns the field names that start with a single word, followed by selectors for that word. */
function filterCompletions(text: string, state: State): readonly string[] {
  const names = [...selectorFieldNames, ...settingNames(state)];
  const saved = savedTexts(text, state);
  const word = text.trim();
  const starting = lastWord(text, /^(.*?)([\p{L}\p{N}_.]*)$/su, names);
  const uidIs = uidSelector(text);
  if (uidIs === undefined) return [...saved, ...starting];
  const asName = [
    uidIs,
    `uid.startsWith(${celStringLiteral(word)})`,
    `id.startsWith(${celStringLiteral(word)})`,
  ];
  const isName = selectorFieldNames.some((name) => name.startsWith(word));
  return [...saved, ...(isName ? starting : []), ...asName];
}

/** Returns this screen's saved filters whose name or text starts with the typed text. */
function savedTexts(text: string, state: State): readonly string[] {
  const screenName = promptFilterName(state);
  return Object.entries(state.savedFilters.saved).flatMap(([name, {screen, text: saved}]) =>
    screen === screenName && saved !== text && [name, saved].some((one) => one.startsWith(text))
      ? [saved]
      : [],
  );
}

function lastWord(text: string, split: RegExp, words: readonly string[]): readonly string[] {
  const [, before = '', word = ''] = split.exec(text) ?? [];
  if (word === '' && before !== '' && !before.endsWith(',')) return [];
  return words.filter((one) => one.startsWith(word) && one !== word).map((one) => `${before}${one}`);
}

/** Returns the settings of the listed sessions that a selector can name as `settings.<key>`. */
function settingNames({sessions}: State): readonly string[] {
  const keys = new Set(sessions.rows.flatMap(({row}) => Object.keys(row.session.settings)));
  return [...keys].filter((key) => /^[A-Za-z_]\w*$/.test(key)).map((key) => `settings.${key}`);
}
