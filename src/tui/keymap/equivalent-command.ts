import {shellLine} from '../../output/text/shell-word.js';
import {rowLimit} from '../layout/layout.js';
import {type State, screenBelow} from '../model/state.js';
import {reversedSort} from '../model/tables/sorting.js';
import {cursorGate} from '../model/targets.js';
import type {Filter} from '../search/filter.js';

/** Returns the command line that prints the screen's data. */
export function equivalentCommand(state: State): string {
  const dialog = state.dialog?.command;
  return dialog ?? withFlags(state, wordsOf(state));
}

/** Prefixes the words with `gatectl` and the connection flags. */
export function withFlags({options}: State, words: readonly string[]): string {
  return shellLine(['gatectl', ...options.flags, ...words]);
}

function wordsOf(state: State): readonly string[] {
  const {name, subject = ''} = screenBelow(state);
  switch (name) {
    case 'overview': {
      const gate = cursorGate(state);
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
        ...where(state.filters.trace),
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
    isAtEnd ? reversedSort(order.text) : order.text,
    '--limit',
    String(rowLimit(state)),
    ...(columns === undefined ? [] : ['--columns', columns.join(',')]),
  ];
}

const where = ({text, selector}: Filter): readonly string[] =>
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
