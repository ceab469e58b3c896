import {shellLine} from '../../output/text/shell-word.js';
import {sessionsToRequest} from '../layout/screen-layout.js';
import {cursorGateId} from '../model/action-targets.js';
import {type State, screenBelowDocument} from '../model/state.js';
import {reverseSortText} from '../model/tables/sort-table-rows.js';
import {type ScreenFilter, tracedSelector} from '../search/screen-filter.js';

/** Returns the command line that prints the screen's data. */
export function equivalentCommand(state: State): string {
  const dialog = state.dialog?.command;
  return dialog ?? fullCommandLine(state, wordsOf(state));
}

/** Prefixes the words with `gatectl` and the connection flags. */
export function fullCommandLine({options}: State, words: readonly string[]): string {
  return shellLine(['gatectl', ...options.flags, ...words]);
}

function wordsOf(state: State): readonly string[] {
  const {name, subject = ''} = screenBelowDocument(state);
  switch (name) {
    case 'overview': {
      const gate = cursorGateId(state);
      return gate === undefined ? ['gates', 'info'] : ['gates', 'info', gate];
    }
    case 'sessions':
      return sessionsWords(state);
    case 'session':
      return ['sessions', 'get', subject];
    case 'events':
      return ['sessions', 'watch', ...where(state.filters.events), ...kinds(state)];
    case 'records':
      return ['records', 'list', ...where(state.filters.records)];
    case 'record':
      return ['records', state.records.shown?.liveSessions.length === 0 ? 'get' : 'diff', subject];
    case 'journal':
    case 'entry': {
      const {text} = state.filters.journal;
      return ['audit', 'list', ...(text === '' ? [] : ['--words', text])];
    }
    case 'trace':
      return [
        'trace',
        ...where({...state.filters.trace, text: tracedSelector(state.filters.trace)?.text ?? ''}),
        ...(state.trace.hasBodies ? ['--bodies'] : []),
        ...(state.trace.view === 'functions' ? ['--summary'] : []),
      ];
    case 'anomalies':
      return ['anomalies'];
    case 'doctor':
      return ['doctor'];
    case 'writes':
      return ['audit', 'list'];
    case 'help':
    case 'document':
      return ['help'];
    default:
      return name satisfies never;
  }
}

function sessionsWords(state: State): readonly string[] {
  const {order, columns, isAtEnd} = state.sessions;
  return [
    'sessions',
    'list',
    ...where(state.filters.sessions),
    '--sort',
    isAtEnd ? reverseSortText(order.text) : order.text,
    '--limit',
    String(sessionsToRequest(state)),
    ...(columns === undefined ? [] : ['--columns', columns.join(',')]),
  ];
}

const where = ({text, selector}: ScreenFilter): readonly string[] =>
  text === '' ? [] : ['--where', selector?.text ?? text];

function kinds({events}: State): readonly string[] {
  switch (events.kinds) {
    case 'all':
      return [];
    case 'connections':
      return ['--kinds', 'connected,closed'];
    case 'identity':
      return ['--kinds', 'bound,unbound'];
    case 'settings':
      return ['--kinds', 'settings'];
    default:
      return events.kinds satisfies never;
  }
}
