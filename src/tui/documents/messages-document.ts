import {gateStatus, gatesWithProblems} from '../model/derived-state.js';
import type {State} from '../model/state.js';
import {localTimeOfDay} from '../views/header.js';
import type {TextDocument} from './document.js';
import {linesDocument} from './make-document.js';

/**
 * Creates a document with the full text of all errors and notices: gates, bus, storage, and recent
 * messages.
 */
export function messagesDocument(state: State, summary: string): TextDocument {
  const {registryFault, link, gates, records, journal, messages, notable} = state;
  const troubled = gatesWithProblems(state).map(({gate, status}) => {
    const gap = gate.gap === undefined ? '' : `; events missed: ${gate.gap.why}`;
    return `${gate.id} is ${status.word}: ${status.why}${gap}`;
  });
  const faults = [...gates.values()].flatMap((gate) => {
    const {failure, missing} = gate;
    const status = gateStatus(gate, state);
    return [failure?.message, missing]
      .filter((text) => text !== undefined && text !== status.why)
      .map((text) => `${gate.id}: ${text}`);
  });
  const parts = [
    ['This screen', [summary]],
    ['Bus and registry', [`bus: ${link.state}`, ...(registryFault === undefined ? [] : [registryFault])]],
    ['Gates', [...troubled, ...faults]],
    ['Storage and journal', [records.fault, journal.fault].filter((text) => text !== undefined)],
    ['Messages', messages.toReversed().map(({at, text}) => `${localTimeOfDay(at)}  ${text}`)],
    [
      'Events',
      notable.toReversed().map(({at, subject, text}) => `${localTimeOfDay(at)}  ${subject} ${text}`),
    ],
  ] as const;
  const lines = parts.flatMap(([title, some]) => {
    const shown = some.filter((text) => text !== '');
    return shown.length === 0 ? [] : [title, ...shown.map((text) => `  ${text}`), ''];
  });
  return linesDocument('messages', lines);
}
