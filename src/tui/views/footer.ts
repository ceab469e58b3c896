import {unreadText} from '../../cluster/records/unread-records.js';
import {formatCount, formatPlural} from '../../output/text/humanize.js';
import {type Intent, type KeyBinding, keyBindingsOnScreen} from '../keymap/keymap.js';
import {currentTableWindow, sessionsToRequest, tableRowKeys} from '../layout/screen-layout.js';
import {
  filteredEvents,
  filteredJournal,
  incompletelyListedGates,
  registeredGateIds,
  sessionsQueryKey,
} from '../model/derived-state.js';
import type {Prompt} from '../model/prompt.js';
import {maxRequestedRows} from '../model/reduce/sessions.js';
import {promptFilterName} from '../model/row-keys.js';
import {currentScreen, type State} from '../model/state.js';
import {sortWithArrow} from '../model/tables/sort-table-rows.js';
import {sortedCalls, sortedFunctions} from '../model/tables/traced-calls.js';
import {filterInterpretation, filterSummary} from '../search/filter-summary.js';
import {
  type DrawStyle,
  dimSpan,
  emptyLine,
  joinLeftAndRight,
  type Line,
  lineOf,
  type Span,
  safeSpanText,
  tonedSpan,
  widthOfLine,
} from '../text/line.js';
import {textFieldSpans} from '../text/text-field-spans.js';
import {wrapSpans} from '../text/wrapped-spans.js';
import {anomaliesSummary} from './cluster/anomalies.js';
import {doctorSummary} from './cluster/doctor.js';
import {writesSummary} from './cluster/writes.js';

/** Returns the last two rows: the prompt, notice or summary, and the keys. */
export function footerLines(state: State, style: DrawStyle): readonly [Line, Line] {
  const {prompt, notice, dialog} = state;
  if (prompt !== undefined) return promptLines(prompt, state, style);
  const position = lineOf(dimSpan(`${positionText(state)} `));
  const said =
    notice === undefined
      ? joinLeftAndRight(
          lineOf(dimSpan(` ${safeSpanText(screenSummary(state))}`)),
          position,
          state.size.columns,
          style,
        )
      : lineOf(tonedSpan(notice.tone, ` ${safeSpanText(notice.text)}`));
  return [said, dialog === undefined ? keyLine(state, style) : emptyLine];
}

const labels = {
  filter: '/',
  find: '/',
  write: 'write to: ',
  command: ':',
  columns: 'columns: ',
  sort: 'sort by: ',
} as const;

/** Returns the prompt and, below it, its error or its completions. */
function promptLines(prompt: Prompt, state: State, style: DrawStyle): readonly [Line, Line] {
  const {kind, fault, completions, completion} = prompt;
  const width = state.size.columns - labels[kind].length - 1;
  const input = lineOf(tonedSpan('accent', ` ${labels[kind]}`), ...textFieldSpans(prompt, width, style));
  const found = kind === 'filter' ? screenSummary(state).split('  |  ')[0] : undefined;
  const typed = joinLeftAndRight(input, lineOf(dimSpan(`${found ?? ''} `)), state.size.columns, style);
  if (fault !== undefined) {
    const [first] = completions;
    const hint = first === undefined ? (fault.hint ?? '') : `Tab: ${first}`;
    const at = ' '.repeat(
      1 + labels[kind].length + style.measure(safeSpanText(prompt.text.slice(0, fault.start))),
    );
    const isWhole = style.measure(safeSpanText(prompt.text)) < width;
    const mark = kind === 'filter' && isWhole && at.length < 40 ? `${at}^ ` : ' ! ';
    return [
      typed,
      lineOf(tonedSpan('bad', `${mark}${safeSpanText(fault.message)}  `), dimSpan(safeSpanText(hint))),
    ];
  }
  const offers = offerSpans(prompt);
  const isAbove = offerLines(state, style).length > 0;
  const meaning =
    kind === 'filter' && completion === undefined
      ? filterInterpretation(state, promptFilterName(state))
      : undefined;
  const means = meaning === undefined ? undefined : tonedSpan('strong', ` ${safeSpanText(meaning)}  `);
  const empties = prompt.isSelected === true ? ', typing replaces it' : '';
  const lead = offers.length === 0 ? dimSpan(` Enter applies, Esc cancels${empties}`) : dimSpan(' Tab: ');
  return [
    typed,
    isAbove ? lineOf(means, dimSpan(' Tab: the next one above')) : lineOf(means, lead, ...offers),
  ];
}

function offerSpans({kind, completions, completion}: Prompt): readonly Span[] {
  return completions.map((text, index): Span => {
    const shown = kind === 'command' ? (text.split(' ').at(-1) ?? text) : text;
    return {text: ` ${safeSpanText(shown)} `, tone: index === completion ? 'cursor' : 'dim'};
  });
}

/** Returns the prompt's completions in several lines; none if they fit into the last row. */
export function offerLines({prompt, size}: State, style: DrawStyle): readonly Line[] {
  if (prompt === undefined || prompt.fault !== undefined) return [];
  const lines = wrapSpans(offerSpans(prompt), size.columns - leadColumns, style);
  return lines.length > 1 ? lines : [];
}

/** Width of the text before the completions. */
const leadColumns = 6;

function keyLine(state: State, style: DrawStyle): Line {
  const spans: Span[] = [];
  const all = keyBindingsOnScreen(state).filter(({footer}) => footer !== undefined);
  const always = all.filter(({intent}) => alwaysShown.includes(intent));
  const end = lineOf(...always.flatMap(({label, footer = ''}) => keySpans(label, footer)));
  let left = state.size.columns - widthOfLine(end, style) - 1 - hiddenMark.length;
  let hidden = 0;
  for (const binding of all) {
    if (always.includes(binding)) continue;
    const {label, footer = ''} = binding;
    const width = style.measure(` ${label} ${footer} `);
    if (width > left) {
      hidden += 1;
      continue;
    }
    left -= width;
    const isOff = binding.unavailable?.(state) !== undefined;
    spans.push(...(isOff ? [dimSpan(`(${label} ${footer})`)] : keySpans(label, footer))); // parentheses, since colour may be off
  }
  if (hidden > 0) spans.push(dimSpan(style.ascii ? ' ..' : hiddenMark));
  return joinLeftAndRight({spans}, end, state.size.columns, style);
}

/** Says that there are more keys, which the help lists. */
const hiddenMark = ' … ';

/** Keys that the footer always shows. */
const alwaysShown: readonly Intent[] = ['help', 'quit'];

const keySpans = (label: KeyBinding['label'], brief: string): readonly Span[] => [
  tonedSpan('accent', ` ${label}`),
  {text: ` ${brief} `},
];

/**
 * Returns the position of the cursor among all rows, such as `17/2 031`. A plus means that there
 * may be more rows.
 */
function positionText(state: State): string {
  const {name} = currentScreen(state);
  const keys = tableRowKeys(state, name);
  const {index} = currentTableWindow(state);
  if (index < 0) return '';
  if (name === 'overview') return index === 0 ? '' : `${index}/${keys.length - 1}`;
  const {sessions, records} = state;
  const count = name === 'sessions' ? Math.max(sessions.total ?? 0, keys.length) : keys.length;
  const isMore =
    name === 'sessions'
      ? sessions.total === undefined && keys.length >= sessionsToRequest(state)
      : name === 'records' && !records.isComplete;
  const above = name === 'sessions' && sessions.isAtEnd ? count - keys.length : 0;
  return `${formatCount(above + index + 1)}/${formatCount(count)}${isMore ? '+' : ''}`;
}

/** Returns the screen's summary, including its limits and missing data. */
export function screenSummary(state: State): string {
  switch (currentScreen(state).name) {
    case 'sessions':
      return sessionsSummary(state);
    case 'events':
      return eventsSummary(state);
    case 'records':
      return recordsSummary(state);
    case 'journal': {
      const text = state.filters.journal.text;
      const {fault} = state.journal;
      if (fault !== undefined) return fault;
      return `${formatPlural(filteredJournal(state).length, 'write')}${text === '' ? '' : ` with "${text}"`}, newest first`;
    }
    case 'trace':
      return traceSummary(state);
    case 'anomalies':
      return anomaliesSummary(state);
    case 'doctor':
      return doctorSummary(state);
    case 'writes':
      return writesSummary(state);
    case 'overview':
      return 'Enter: the sessions of a gate; W: by what waits for their clients';
    default:
      return '';
  }
}

function sessionsSummary(state: State): string {
  const {sessions, filters} = state;
  const {answer, total, marks, isAllChosen, isAtEnd, order, rows} = sessions;
  if (answer === undefined || sessions.queryKey !== sessionsQueryKey(state)) return 'asking the gates …';
  const shown = rows.filter(({vanished}) => vanished === undefined).length;
  const isMore = shown >= maxRequestedRows ? ', narrow with /' : '';
  const all = formatPlural(shown, 'session');
  const uncounted = shown >= sessionsToRequest(state) ? `${isAtEnd ? 'last' : 'first'} ${all}` : all;
  const parts = [
    total === undefined
      ? uncounted
      : total > shown
        ? `${isAtEnd ? 'last' : 'first'} ${formatCount(shown)} of ${formatCount(total)}${isMore}`
        : all,
    ...(marks.size > 0 ? [`${marks.size} marked`] : []),
    ...(isAllChosen
      ? [total === undefined ? 'ALL matches selected' : `ALL ${formatCount(total)} selected`]
      : []),
    ...missingParts(state),
    ...(answer.sampled.length > 0 ? [`a sample of ${answer.sampled.join(', ')}`] : []),
    `by ${sortWithArrow(order.text)}`,
    ...[filterSummary(filters.sessions)].filter(Boolean),
  ];
  return parts.join('  |  ');
}

/**
 * Reports missing gates, whose rows show the last known state, and gates that have not answered
 * yet.
 */
function missingParts(state: State): readonly string[] {
  const {failed, unable, waiting} = incompletelyListedGates(state);
  const all = formatPlural(registeredGateIds(state).length, 'gate');
  const hasOld = state.sessions.rows.some(({row}) => failed.includes(row.node));
  const missing = `PARTIAL: ${failed.length} of ${all} missing${hasOld ? ', dim rows are last known' : ''}`;
  return [
    ...(failed.length > 0 ? [missing] : []),
    ...(unable.length > 0 ? [`PARTIAL: ${unable.length} of ${all} cannot list`] : []),
    ...(waiting.length > 0 ? [`waiting for ${waiting.length} of ${all}`] : []),
  ];
}

function eventsSummary(state: State): string {
  const {kinds} = state.events;
  const isPaused = state.tables.events.key !== undefined;
  const parts = [
    `${formatPlural(filteredEvents(state).length, 'event')} kept`,
    ...(kinds === 'all' ? [] : [kinds]),
    ...(isPaused ? [] : ['following']),
    ...[filterSummary(state.filters.events)].filter(Boolean),
  ];
  return parts.join('  |  ');
}

function traceSummary(state: State): string {
  const {trace, filters} = state;
  const {summary, hasBodies} = trace;
  const {search} = filters.trace;
  if (summary === undefined) return 'tracing the bus while this screen is open';
  const {counts, selected, functions} = summary;
  const sum = (of: (one: (typeof functions)[number]) => number): number =>
    functions.reduce((total, one) => total + of(one), 0);
  const unanswered = sum((one) => one.unanswered);
  const unheard = counts.missed + counts.overflowed + counts.notShown;
  const shown =
    trace.view === 'calls'
      ? sortedCalls(state).filter(({traceEvent}) => traceEvent.type === 'call').length
      : sortedFunctions(state).length;
  return [
    ...(search === undefined ? [] : [`${formatCount(shown)} shown`]),
    `${formatPlural(selected, 'call')}, ${formatPlural(
      sum(({errors}) => errors),
      'error',
    )}, ${formatCount(unanswered)} unanswered`,
    ...(unheard > 0 ? [`${formatCount(unheard)} missed or not shown`] : []),
    ...(hasBodies ? ['with arguments'] : []),
    ...(trace.hidesOwn ? ['without calls of gatectl, O shows them'] : []),
    ...(counts.gaps > 0 ? [formatPlural(counts.gaps, 'gap')] : []),
    ...[filterSummary(filters.trace)].filter(Boolean),
  ].join('  |  ');
}

function recordsSummary({records, filters}: State): string {
  const {rows, examined, isComplete, answer, fault} = records;
  if (fault !== undefined) return fault;
  if (answer === undefined) return 'asking the storage …';
  const failed = answer.outcomes.filter(
    ({status, unread}) => status === 'failed' && unread === undefined,
  ).length;
  const unread = answer.outcomes.flatMap((outcome) => outcome.unread ?? []);
  return [
    isComplete
      ? formatPlural(rows.length, 'record')
      : `${formatCount(rows.length)} of the first ${formatPlural(examined, 'record')} read`,
    ...(failed > 0 ? [`PARTIAL: ${failed} of ${formatPlural(answer.outcomes.length, 'gate')} missing`] : []),
    ...unread.map((tally) => `PARTIAL: ${unreadText(tally)}`),
    ...[filterSummary(filters.records)].filter(Boolean),
  ].join('  |  ');
}
