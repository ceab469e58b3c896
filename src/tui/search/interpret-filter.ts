import {GatectlError} from '../../base/errors.js';
import {correctSelector, looksLikeSelector} from '../../selector/correct-selector.js';
import type {Selector} from '../../selector/selector.js';
import type {Prompt} from '../model/prompt.js';
import {normalizeSearchText, selectorOfPastedReference} from './pasted-reference.js';
import {exactMatchSelectors, plainSearchSelector} from './plain-search.js';
import type {FilterName, ScreenFilter} from './screen-filter.js';

type Understood = {readonly filter: ScreenFilter} | {readonly fault: NonNullable<Prompt['fault']>};

/**
 * Returns the filter that a typed or pasted text means: a selector, a mistyped selector with a
 * single correction, a pasted reference, or search words. The journal is only searched for words.
 */
export async function interpretFilter(name: FilterName, text: string): Promise<Understood> {
  if (text.trim() === '') return {filter: {text: ''}};
  if (name === 'journal') return {filter: {text}};
  const {parseTypedSelector} = await import('../../selector/selector.js'); // loaded lazily for a fast first frame
  const parsed = async (selector: string): Promise<Selector | GatectlError> =>
    await parseTypedSelector(selector).catch((error: unknown) => {
      if (error instanceof GatectlError) return error;
      throw error;
    });
  const typed = await parsed(text);
  if (!(typed instanceof GatectlError)) return {filter: {text, selector: typed}};
  const isSelector = looksLikeSelector(text);
  const corrected = isSelector ? correctSelector(text) : undefined;
  for (const meant of [corrected, selectorOfPastedReference(text)]) {
    const selector = meant === undefined ? typed : await parsed(meant);
    if (!(selector instanceof GatectlError)) return {filter: {text, selector}};
  }
  if (isSelector) return {fault: faultOf(typed)};
  const search = normalizeSearchText(text);
  if (search === '') return {fault: faultOf(typed)};
  const selector = await parsed(plainSearchSelector(search));
  if (selector instanceof GatectlError) return {fault: faultOf(selector)};
  const exact = await Promise.all(exactMatchSelectors(search).map(parseTypedSelector));
  return {filter: {text, selector, search, exact}};
}

function faultOf({message, place, hint}: GatectlError): NonNullable<Prompt['fault']> {
  return {message: message.replace(/^invalid selector: /, ''), start: place?.start ?? 0, hint};
}
